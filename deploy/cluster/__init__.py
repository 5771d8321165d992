"""`make cluster`: what docker compose starts, as plain processes on this machine, for trying out and for tests."""
