/**
 * Whether a password is one of those that guessing begins with: what people type again and again is words, rows of keys, counting, dates
 * and the same once more, joined and dressed up a little. Taken apart, such a password leaves nothing of its own.
 */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase()
  if (isRepeated(plain)) return true
  const undressed = [...plain].map((letter) => lookalikes[letter] ?? letter).join('')
  return leftOf(plain) < ownLetters || leftOf(undressed) < ownLetters
}

/** Letters that no word, row or number accounts for. */
const ownLetters = 3

const lookalikes: Record<string, string> = {
  '@': 'a',
  $: 's',
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '5': 's',
  '7': 't',
  '!': 'i',
}

/** abcabcabca, aaaaaaaaaa */
function isRepeated(text: string): boolean {
  return [1, 2, 3, 4, 5].some(
    (length) => text === text.slice(0, length).repeat(text.length).slice(0, text.length),
  )
}

/** What is left of it when everything that is known is taken out, the longest first. */
function leftOf(text: string): number {
  let left = text
  for (const word of words) left = left.replaceAll(word, ' ')
  left = left.replaceAll(rows, ' ')
  // Years, days, phones, counting; and the signs that a rule asked for.
  left = left.replaceAll(/[^\p{L}]+/gu, '')
  return left.length
}

/** Parts of rows of keys, both ways, straight down and zigzag, and of the alphabet; three letters and more. */
const lines = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  'zaqxswcdevfrbgtnhymjukilop',
  'qawsedrftgyhujikolp',
  'qweasdzxc',
  'qwerasdfzxcv',
]

const rows = new RegExp(
  lines
    .flatMap((line) => [line, [...line].reverse().join('')])
    .flatMap((line) =>
      Array.from(
        { length: line.length - 2 },
        (_, at) => `${line.slice(at, at + 3)}${follow(line.slice(at + 3))}`,
      ),
    )
    .join('|'),
  'g',
)

/** "def" → (?:d(?:e(?:f)?)?)? */
function follow(rest: string): string {
  return [...rest].reduceRight((inside, letter) => `(?:${letter}${inside})?`, '')
}

/** Of published lists of leaked passwords, those of four letters and more that recur; and what is at hand in this trade. */
const words = `
password passwort passw0rd admin administrator root user guest login welcome letmein master superman batman dragon monkey shadow
sunshine princess football baseball basketball soccer hockey iloveyou iloveu lovely love forever flower freedom whatever trustno
michael jordan jennifer jessica ashley daniel andrew joshua matthew anthony charlie thomas robert george william nicole hannah
michelle amanda samantha summer winter spring autumn secret hello hunter killer ranger buster cookie cheese chocolate pepper
starwars pokemon computer internet samsung google yahoo facebook apple microsoft windows linux oracle mysql postgres database server
system test tester testing temp default changeme change access pass mustang corvette ferrari porsche yamaha harley golden silver
purple orange yellow black white qwerty asdf zxcv azerty money diamond angel happy lucky family friend brother sister mother
woaini woaiwo aini wodemima mima zhongguo china beijing shanghai hangzhou guangzhou shenzhen taobao tmall alibaba alipay pinduoduo
jingdong wechat weixin shop store order seller dianpu kefu caiwu cangku guanli guanliyuan nihao xiaoming laopo laogong baobao
sanyi erp company office january february march april june july august september october november december monday friday sunday
`
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length)
