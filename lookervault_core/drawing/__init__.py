"""Draw what a payload says as SVG: pure, no library, and nothing of a type. The families say what is on it."""
