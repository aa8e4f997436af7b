# Set the course up from this folder, with no network, and open it:
#   powershell -ExecutionPolicy Bypass -File start.ps1
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$version = (Get-Content "$here\made-for.json" -Raw | ConvertFrom-Json).python
if (Get-Command py -ErrorAction SilentlyContinue) {
    py "-$version" "$here\start.py" @args
} elseif (Get-Command python -ErrorAction SilentlyContinue) {
    python "$here\start.py" @args
} else {
    Write-Error "start: there is no Python on this machine; install Python $version"
    exit 1
}
exit $LASTEXITCODE
