"""Retargeting offers: who bought for enough, and took items out of the cart since, is offered a discount on them."""
