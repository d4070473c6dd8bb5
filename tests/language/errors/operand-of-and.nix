let on = true; in on && (null || on)
