"""Trains the weights that core/ runs. Nothing at run time imports it."""
