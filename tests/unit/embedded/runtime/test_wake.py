from embedded.runtime.wake import News


def test_who_has_ended_waits_for_no_news():
    news, looks = News(), []

    def ended() -> bool:
        looks.append(news.count)
        return True

    news.tell()  # of the end, heard before the wait began
    news.wait(news.count, 600.0, ended)
    assert looks == [1]
