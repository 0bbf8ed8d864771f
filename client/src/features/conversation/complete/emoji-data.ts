// The emoji that people answer with, by occasion, and what they are called: the first name in each language is shown, the
// others are found as well. A whole catalogue would be half a megabyte of names.

import type { Key, Language } from "@/i18n/index.ts";

export interface Emoji {
  emoji: string;
  names: Readonly<Record<Language, readonly string[]>>;
}

/** A line each: the picture, then its names in English, then in Hindi. */
function read(lines: string): Emoji[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [emoji = "", english = "", hindi = ""] = line.split(" | ");
      return { emoji, names: { en: english.split(", "), hi: hindi.split(", ") } };
    });
}

/** The title of each occasion, and its emoji. */
export const EMOJI: readonly (readonly [Key, readonly Emoji[]])[] = [
  [
    "conversation.emojiFaces",
    read(`
😀 | grinning, smile, happy | मुस्कान, खुश
😄 | smile, laughing eyes, happy | खिली मुस्कान, हँसी, खुश
😂 | tears of joy, joy, laugh, lol | ख़ुशी के आँसू, हँसी
🤣 | rolling on the floor, rofl, laugh | लोटपोट, हँसी
😊 | blush, smile, shy | शरमाती मुस्कान, खुश
😇 | angel, innocent, halo | फ़रिश्ता, मासूम
🙂 | slight smile, smile | हल्की मुस्कान
😉 | wink | आँख मारना
😍 | heart eyes, love | प्यार भरी आँखें, प्यार
🥰 | smiling with hearts, love, adore | दिलों वाली मुस्कान, प्यार
😘 | kiss, blow a kiss | चुम्मी, प्यार
😋 | yum, delicious, tasty | स्वादिष्ट, मज़ेदार
😎 | sunglasses, cool | धूप का चश्मा, कूल
🤩 | star eyes, excited, wow | सितारों वाली आँखें, वाह
🥳 | party, celebrate, birthday | पार्टी, जश्न, जन्मदिन
🤔 | thinking, hmm | सोच, विचार
🤨 | raised eyebrow, doubt | उठी भौंह, शक
😐 | neutral, meh | भावहीन
😏 | smirk | कुटिल मुस्कान
😴 | sleeping, sleep, tired, zzz | नींद, सोना, थकान
😮 | surprised, open mouth, wow | हैरान, वाह
😲 | astonished, shocked | चकित, हैरान
😳 | flushed, embarrassed | शर्म से लाल, शर्म
🥺 | pleading, please, puppy eyes | विनती, कृपया
😢 | crying, cry, sad | रोना, दुखी, उदास
😭 | sobbing, cry, sad | फूट-फूटकर रोना, दुखी
😤 | huffing, triumph, annoyed | नाक से भाप, चिढ़
😡 | angry, rage, mad | गुस्सा, नाराज़
🤯 | mind blown, exploding head | दिमाग़ घूमना, हैरान
😱 | screaming, scared, fear | चीख, डर
🤗 | hug, hugging | गले लगाना, झप्पी
🤭 | giggle, oops, hand over mouth | मुँह पर हाथ, खी खी
🤫 | shush, quiet, secret | चुप, राज़
🙄 | eye roll, rolling eyes | आँखें घुमाना
😬 | grimace, awkward | झेंप, दाँत दिखाना
🤒 | ill, sick, fever, thermometer | बीमार, बुख़ार
`),
  ],
  [
    "conversation.emojiHands",
    read(`
👍 | thumbs up, +1, yes, like, good | अँगूठा ऊपर, हाँ, अच्छा, पसंद
👎 | thumbs down, no, dislike, bad | अँगूठा नीचे, नहीं, बुरा
👏 | clap, applause, bravo | ताली, शाबाश
🙌 | raised hands, hooray, praise | हाथ ऊपर, जय हो
🙏 | folded hands, namaste, thanks, please, pray | नमस्ते, हाथ जोड़ना, धन्यवाद, प्रार्थना
🤝 | handshake, deal, agreed | हाथ मिलाना, पक्का
👌 | ok, okay, perfect | ठीक है, बढ़िया
✌️ | victory, peace | विजय, शांति
🤞 | fingers crossed, luck, hope | उम्मीद, शुभकामना
🤟 | love you, love gesture | प्यार का इशारा
💪 | muscle, strong, flexed biceps | ताक़त, बाज़ू, मज़बूत
👋 | wave, hello, hi, bye | हाथ हिलाना, नमस्ते, अलविदा
🫡 | salute | सलाम, सलामी
🫶 | heart hands, love | हाथों का दिल, प्यार
☝️ | pointing up, one, first | ऊपर इशारा, एक
👇 | pointing down, below | नीचे इशारा
`),
  ],
  [
    "conversation.emojiHearts",
    read(`
❤️ | red heart, heart, love | लाल दिल, दिल, प्यार
🧡 | orange heart, heart | नारंगी दिल, दिल
💛 | yellow heart, heart | पीला दिल, दिल
💚 | green heart, heart | हरा दिल, दिल
💙 | blue heart, heart | नीला दिल, दिल
💜 | purple heart, heart | जामुनी दिल, दिल
🤍 | white heart, heart | सफ़ेद दिल, दिल
🖤 | black heart, heart | काला दिल, दिल
💔 | broken heart, heartbreak | टूटा दिल, दिल
💯 | hundred, 100, perfect | सौ, पूरे अंक
✨ | sparkles, shine, new | चमक, नया
🔥 | fire, hot, flame | आग, गरम
⭐ | star, favourite | सितारा, तारा
🎉 | party popper, tada, congratulations, celebrate | पार्टी, बधाई, जश्न
🎂 | birthday cake, cake, birthday | जन्मदिन का केक, केक
🎁 | gift, present | तोहफ़ा, उपहार
`),
  ],
  [
    "conversation.emojiThings",
    read(`
✅ | check mark, done, yes, tick | हो गया, सही, हाँ
❌ | cross mark, no, wrong | ग़लत, नहीं
❓ | question mark, question, why | सवाल, प्रश्न, क्यों
❗ | exclamation mark, important | ज़रूरी, विस्मय
⏰ | alarm clock, time, clock | अलार्म घड़ी, समय, घड़ी
📌 | pin, pushpin | पिन
📷 | camera, photo | कैमरा, फ़ोटो
🎵 | music, note, song | संगीत, गाना
🍵 | tea, chai, cup | चाय, प्याला
🍛 | curry, rice, food | सब्ज़ी चावल, खाना
🥭 | mango | आम
🌧️ | rain, cloud, monsoon | बारिश, बादल
☀️ | sun, sunny | सूरज, धूप
🌙 | moon, night | चाँद, रात
🪔 | diya lamp, diwali, lamp | दीया, दीवाली
🌸 | blossom, flower, cherry blossom | फूल
🐘 | elephant | हाथी
🏏 | cricket, bat | क्रिकेट, बल्ला
🚆 | train | रेलगाड़ी, ट्रेन
🏡 | house, home, garden | घर, मकान
`),
  ],
];
