"""The sections of the clinic's article, by the keys that responses name as their source."""

ARTICLE = "Can Dry Needling Be Used for Cosmetic Purposes?"

SECTIONS = {
    "what_is": "What is Dry Needling?",
    "cosmetic": "Cosmetic Applications of Dry Needling",
    "circulation": "Improved Blood Circulation and Collagen Production",
    "wrinkles": "Reducing the Appearance of Wrinkles",
    "scars": "Scar Tissue Reduction",
    "jaw": "Alleviating Jaw Tension and TMJ Dysfunction",
    "safety": "Is Dry Needling Safe for Cosmetic Use?",
    "comparison": "Dry Needling vs. Other Cosmetic Treatments",
    "conclusion": "Conclusion",
}
