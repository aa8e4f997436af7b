"""One archive for a room without Wi-Fi: wheels for this platform, the repository, the site and the slides."""
