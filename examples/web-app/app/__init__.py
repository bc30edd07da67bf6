"""A web app and its worker, with a Redis between them."""
