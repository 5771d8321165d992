"""How the assistant runs on more than one process: not part of what runs."""
