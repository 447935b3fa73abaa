"""The screens; they draw, they decide nothing."""
