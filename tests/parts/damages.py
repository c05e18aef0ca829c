"""What happens to files on a card that dies, by the throw of dice: each changes the bytes that it is given."""

PAGE = 4096


def cut_off(dice, data):
    del data[dice.randrange(len(data)) :]


def flip_bits(dice, data):
    for _ in range(dice.choice([1, 1, 3, 30, 300])):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def flip_bits_at_the_beginning(dice, data):
    for _ in range(dice.choice([1, 3, 30])):
        data[dice.randrange(min(PAGE, len(data)))] ^= 1 << dice.randrange(8)


def misplace_a_page(dice, data):
    there, here = (PAGE * dice.randrange(max(1, len(data) // PAGE)) for _ in range(2))
    data[here : here + PAGE] = data[there : there + PAGE]


def blank_a_page(dice, data):
    here = PAGE * dice.randrange(max(1, len(data) // PAGE))
    data[here : here + PAGE] = dice.choice([b"\0", b"\xff"]) * PAGE


def scramble(dice, data):
    data[:] = dice.randbytes(len(data))


KINDS = [cut_off, flip_bits, flip_bits_at_the_beginning, misplace_a_page, blank_a_page]


def damage(dice, path):
    """Do something to a file: mostly to its bytes, sometimes it is gone, or of another kind."""
    fate = dice.random()
    if fate < 0.05:
        path.unlink()
    elif fate < 0.1:
        path.unlink()
        (path / "inside").mkdir(parents=True)
    elif data := bytearray(path.read_bytes()):
        dice.choice([*KINDS, scramble])(dice, data)
        path.write_bytes(data)
    else:
        path.write_bytes(dice.randbytes(100))
