"${/nowhere/at/all}"
