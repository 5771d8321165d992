"""How provider files are read: the formats, and what every field must hold."""
