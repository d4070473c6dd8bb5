({ map, toString ? 1 }: [ map toString ]) { map = 2; }
