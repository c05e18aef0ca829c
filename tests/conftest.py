def pytest_addoption(parser):
    parser.addoption(
        "--update-scenarios", action="store_true", help="write expected.json of the scenarios anew instead of comparing"
    )
