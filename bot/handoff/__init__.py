"""What is handed to the clinic's people."""
