"""`python -m bxe …`: the command `bxe` wherever that is not on the path, as is common on Windows."""

import sys

if __name__ == "__main__":
    sys.argv[0] = "bxe"  # by which the command knows that it is one, and handles Ctrl-C from its first import on
    from bxe.cli import main

    sys.exit(main())
