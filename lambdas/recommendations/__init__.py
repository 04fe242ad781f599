"""The recommendation feed: what visitors do with products, told to Amazon Personalize within a second."""
