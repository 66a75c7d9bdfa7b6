"""What stands between a bare machine and a running house; standard library only, except messages.py."""
