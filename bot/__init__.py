"""The assistant of a physiotherapy clinic: questions about dry needling, answered from one article."""
