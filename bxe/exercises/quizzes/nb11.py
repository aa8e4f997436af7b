"""The quiz of notebook 11, Images."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A text and a picture have a cosine of 0.3, two texts have 0.5. What do you conclude?",
        (
            ("the two texts fit each other better", "Each kind of pair has its own range; 0.3 may be a hit."),
            ("nothing, before you know what each kind of pair usually has", "Each kind of pair has its own range."),
            ("the picture does not show what the text says", "Many right pairs of text and picture have 0.3 or less."),
        ),
        right="b",
    ),
    Question(
        "Why does our search not find the astronaut for 'a woman in an orange space suit'?",
        (
            (
                "MiniLM does not know the word",
                "It knows the words, but the vector of the right picture lies far from theirs.",
            ),
            ("the picture is too small", "All pictures are scaled to 224 pixels, also those that are found."),
            (
                "the picture tower was told almost nothing about people",
                "ImageNet has hardly any class for them, and the bridge knows classes only.",
            ),
        ),
        right="c",
    ),
    Question(
        "What was the bridge fitted to?",
        (
            ("the classifier's rows and the vectors of the classes' texts", "A class is known on both sides."),
            ("thousands of photographs with captions", "That is how CLIP learns; the bridge saw no picture."),
            ("the 21 photographs and their descriptions", "Then a search among them would prove nothing."),
        ),
        right="a",
    ),
    Question(
        "In a batch of 20 pairs, CLIP's loss by columns compares...",
        (
            ("a picture with the 20 texts", "That is the loss by rows, if the pictures are the rows."),
            ("a text with the 20 pictures", "Its own picture should be the nearest of them."),
            ("a text with the 19 other texts", "Texts are not compared with texts in this loss."),
        ),
        right="b",
    ),
    Question(
        "Training a head with CLIP's loss brought hardly anything here. What is the likeliest reason?",
        (
            ("the loss is wrong for pictures", "It is the loss with which CLIP learned."),
            (
                "the 800 pairs were matched almost perfectly before",
                "The ridge's loss on them was near 0, so there was hardly anything left to learn.",
            ),
            ("a head cannot learn in 20 steps", "It did learn: 20 steps took the loss from 0.07 to 0.03."),
        ),
        right="b",
    ),
    Question(
        "You search your photographs for 'a beach without people'. What will come first?",
        (
            ("beaches, empty or full", "The vectors hold things that are there, not what is missing."),
            ("empty beaches only", "'Without' has left little trace in the text's vector, and none in a picture's."),
            ("pictures without a beach", "The word 'beach' weighs most."),
        ),
        right="a",
    ),
)
