"""The quiz of notebook 04, Clustering."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "Tool A makes 500 clusters of 600 texts and reports a V-measure of 0.79. Tool B makes 60 and reports 0.76. So...",
        (
            ("A is better", "600 texts in 600 clusters have a V-measure of 0.78 here, and tell you nothing."),
            (
                "nothing yet: compare a measure that is adjusted for chance",
                "The V-measure rises with the number of clusters; the adjusted Rand index does not.",
            ),
            (
                "B is better, because 60 is the number of subjects",
                "Clusters in the right number can still be wrong: random ones, for example.",
            ),
        ),
        right="b",
    ),
    Question(
        "You run k-means with five seeds and report mean ± std of the adjusted Rand index. The ± says...",
        (
            (
                "how much the score would differ on other texts",
                "The texts were the same in all five runs; for that, draw texts or subjects anew.",
            ),
            (
                "how likely it is that the clusters are right",
                "A method can give the same wrong clusters with every seed.",
            ),
            (
                "how much the score depends on the random start",
                "And on nothing else. Whether a difference holds for other texts needs an interval over texts.",
            ),
        ),
        right="c",
    ),
    Question(
        "On 600 passages the silhouette is highest at 25 to 30 clusters. From this you know...",
        (
            (
                "that about this many clusters stand apart best, by distance",
                "That is all it measures. Whether you need 10 or 60 depends on what you need them for.",
            ),
            ("that the texts have 25 to 30 subjects", "They have 60 subjects, and 60 clusters score lower."),
            (
                "that every k far from these is wrong",
                "10 categories and 60 subjects are both in this data, and people find both useful.",
            ),
        ),
        right="a",
    ),
    Question(
        "community_detection with its default threshold of 0.75 returns no community for your texts. Most likely...",
        (
            (
                "your texts have nothing in common",
                "The 600 passages have ten on each subject, and it returned none for them.",
            ),
            (
                "the function needs the number of clusters",
                "It takes no such number, only a threshold and a smallest size.",
            ),
            (
                "two texts on one subject have lower cosines than that",
                "0.75 fits paraphrases. Choose a threshold for your model and your kind of text.",
            ),
        ),
        right="c",
    ),
    Question(
        "On a UMAP map two islands lie far apart at opposite edges. You may say...",
        (
            (
                "their texts are the least alike of all",
                "Distances between islands are not kept: the farthest subject on the map was right for few of 60.",
            ),
            (
                "nothing about how alike they are, before you look at the cosines",
                "A map gives ideas. The vectors, or a reader, must bear them out.",
            ),
            ("the x axis tells these two topics apart", "The axes have no meaning of their own."),
        ),
        right="b",
    ),
    Question(
        "A cluster of support tickets is named 'la, ist, llega, mi'. What is best?",
        (
            (
                "read some of its texts: it may be held together by something that you did not ask for",
                "By language, as here. Others are held together by tone, length or a signature.",
            ),
            ("add these words to the stop words, and keep the cluster", "That hides the name; the cluster stays."),
            (
                "delete its tickets as noise",
                "They are ordinary requests, in two languages. Sorted by what they want, they belong to other clusters.",
            ),
        ),
        right="a",
    ),
)
