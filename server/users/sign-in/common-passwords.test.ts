import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGoodPassword } from './password.ts'

const isTaken = (password: string) => {
  try {
    assertGoodPassword(password, 'zhouning@shanyu.cn')
    return true
  } catch {
    return false
  }
}

/** The most frequent entries of ten characters and more from published lists of leaked passwords, and typical local variants. */
const common = `
1234567890 0123456789 9876543210 12345678910 123456789a a123456789 1234567891 0987654321 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 1qaz2wsx3edc
qwertyuiop qwerty12345 qwerty123456 asdfghjkl1 asdfghjkl123 zxcvbnm123 1234qwerasdf qazwsxedcrfv qweasdzxc123 abc123456789 abcd123456
password12 password123 Password123! passw0rd123 P@ssw0rd123 admin12345 admin123456 administrator Admin@12345 root123456 welcome123
Welcome2024! letmein123 iloveyou123 iloveyou12 princess123 sunshine123 football123 baseball12 superman123 michael123 jordan2323
charlie123 computer123 internet12 starwars123 whatever12 trustno1234 changeme123 test123456 testtest12 default123 aaaaaaaaaa
1111111111 1212121212 123123123123 1234512345 abcabcabca qweqweqweqwe 13800138000 20241127101 woaini1314 woaini520520 5201314520
wodemima123 taobao123456 taobao2024! weixin123456 zhongguo123 nihao123456 dianpu123456 sanyi123456 company2024 Summer2026!
`
  .trim()
  .split(/\s+/)

test('the passwords that guessing begins with are refused', () => {
  assert.ok(common.every(({ length }) => length >= 10))
  assert.deepEqual(common.filter(isTaken), [])
})

test('what somebody made up is taken, also when it has words or rows in it', () => {
  const own = [
    'correct horse battery',
    'a new long one',
    'four words and a comma,',
    'tr0ub4dor&3xyz',
    'kX9#vL2mQpRt',
    '山隅家居的仓库在义乌呢',
    'welcome to the blue warehouse',
    'mkdfjru48dkw',
    'zebra-quilt-1984',
  ]
  assert.deepEqual(
    own.filter((password) => !isTaken(password)),
    [],
  )
})

test('a password is judged at once, however it is made', () => {
  const began = performance.now()
  for (const part of ['a', '1', 'qwe', 'abc', '@', '中', 'password']) isTaken(part.repeat(128).slice(0, 128))
  assert.ok(performance.now() - began < 200)
})
