"""What keeps people's details out of what is stored."""
