"""What extends Rasa's server."""
