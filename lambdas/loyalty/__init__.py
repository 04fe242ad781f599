"""Loyalty promotions: who is a member, and whether a conversion earns another promo code."""
