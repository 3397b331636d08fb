"""What a Looker says of its API, which fields its calls take, and how a value is made to fit."""
