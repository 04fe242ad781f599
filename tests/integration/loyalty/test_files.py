"""Files dropped in the bucket, through the functions themselves, to decisions on the bus."""

MEMBERS = """kangak@fakeemail.com, kangakerfluffle, kangakerfluffle, F
wackywallaroo@fakeemail.com, , wackywallaroo, M
playfulwally@fakeemail.com, playfulwally, , M
"""
CONVERSIONS = """MarsupialHoodie, ClickConversion, playfulwally@fakeemail.com, Instagram
MarsupialHoodie, ClickConversion, iamkevinkoala@fakeemail.com, Facebook
MarsupialHoodie, BasketConversion, kangak@fakeemail.com, [6;14]
MarsupialHoodie, BasketConversion, wildwombatzoo@fakeemail.com, [6]
MarsupialHoodie, PurchaseConversion, wombatz@fakeemail.com, [6;9], 18.64
MarsupialHoodie, PurchaseConversion, wally@veryrealemail.com, [6], 9.45
MarsupialHoodie, ClickConversion, wombatz@fakeemail.com, Facebook
"""


def test_the_references_lines_give_its_decisions(stack):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    stack.drop("loyalty/conversions/june.txt", CONVERSIONS)
    stack.load()
    assert stack.announce() == {"batchItemFailures": []}
    heard = [message["detail"] for message in stack.decisions()]
    assert sorted(decision["line"] for decision in heard) == sorted(
        [
            "Send additional promo code to: playfulwally@fakeemail.com, True",
            "Send additional promo code to: iamkevinkoala@fakeemail.com, False",
            "Send additional promo code to: kangak@fakeemail.com, False",
            "Send additional promo code to: wildwombatzoo@fakeemail.com, False",
            "Send additional promo code to: wombatz@fakeemail.com, False",
            "Send additional promo code to: wally@veryrealemail.com, False",
            "Send additional promo code to: wombatz@fakeemail.com, True",
        ]
    )
    assert {d["total"] for d in heard if d["conversion"] == "PurchaseConversion"} == {"18.64", "9.45"}
    assert stack.counts() == {
        ("MarsupialHoodie", "ClickConversion", "Instagram"): (1, 1),
        ("MarsupialHoodie", "ClickConversion", "Facebook"): (2, 1),
        ("MarsupialHoodie", "BasketConversion", None): (2, 0),
        ("MarsupialHoodie", "PurchaseConversion", None): (2, 0),
    }
    note = stack.note("conversions/june.txt")
    assert (note["state"], note["lines"], note["loaded"], note["refused"]) == ("loaded", 7, 7, 0)
