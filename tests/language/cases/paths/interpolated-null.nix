/a/${null}
