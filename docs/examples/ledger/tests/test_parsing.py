"""What reading bank statements must do, as test specs."""

import jaunt

from ledger.models import StatementError
from ledger.parsing import parse_amount, parse_statement


@jaunt.test(targets=[parse_amount])
def test_parse_amount_reads_bank_notation() -> None:
    """Signs, thousands separators and missing decimals are understood.

    In EUR, compared as the text of the amount, so that the decimals count:

    - "12.34" -> 12.34, "+12.34" -> 12.34, "-12.34" -> -12.34
    - "12" -> 12.00, "12.3" -> 12.30, "  7.00 " -> 7.00, "0" -> 0.00
    - "1,234.50" and "1234.50" -> 1234.50, "1,234,567" -> 1234567.00
    - "12345678901234567890123456789.01" keeps every digit

    In JPY, "1,500" -> 1500. The currency of the result is the one asked for.
    """
    ...


@jaunt.test(targets=[parse_amount])
def test_parse_amount_rejects_other_notation() -> None:
    """Anything else raises ValueError with the currency and the repr of the text.

    - in EUR: "", "abc", "1.234", "1.", ".5", "1,23", "12,3456.00", "1234,567", "- 1",
      "--1", "1 000", "1e3", "NaN", "١.00" (an Arabic digit)
    - in JPY: "1.5" and "1.0", with the message "not an amount in JPY: '1.5'"
    """
    ...


@jaunt.test(targets=[parse_statement])
def test_parse_statement_reads_columns_by_name() -> None:
    """The columns are found in any order, entries come in the order of the file.

    Take a statement with the columns currency, note, amount, date, text, category, and
    three rows, the later day first: a salary with the category "income", a row whose
    text is quoted and contains a comma and a line break, a row in JPY with an empty
    category. There are two empty lines between the rows. The category of the last one
    is "other"; the column "note" leaves no trace.
    """
    ...


@jaunt.test(targets=[parse_statement])
def test_parse_statement_does_with_little() -> None:
    """A byte order mark is ignored, and category may be missing as a column.

    A file with the header line alone has no entries. With the columns date, amount,
    currency, text, the row "2024-03-01,5.00,EUR" is an entry with an empty text.
    """
    ...


@jaunt.test(targets=[parse_statement], deps=[StatementError])
def test_parse_statement_names_missing_columns() -> None:
    """A missing column is a StatementError in line 1 that names the first one missing.

    - "" -> "missing column 'date'"
    - the header "date,text,currency" -> "missing column 'amount'"
    - the header "text,date" -> "missing column 'amount'"
    """
    ...


@jaunt.test(targets=[parse_statement], deps=[StatementError])
def test_parse_statement_names_line_and_problem() -> None:
    """A bad row is a StatementError with the line in which it ends, and the problem.

    Put the bad row in a file (date,text,amount,currency) after a header, an empty line
    and a good row whose quoted text has a line break, so that it ends in line 5:

    - date "2024-02-30" -> "not a date: '2024-02-30'"
    - currency "XXX" -> "unknown currency: 'XXX'"
    - amount "1.5" in JPY -> "not an amount in JPY: '1.5'"
    - all three of them wrong -> the date is named
    - currency and amount wrong -> the currency is named

    The text of the error is "line 5: " and the problem.
    """
    ...
