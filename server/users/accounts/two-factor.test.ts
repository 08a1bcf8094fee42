import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { databaseSays } from '../../lib/clock.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { type Caller, callerAt, cookieOf, type TestApp, testApp } from '../../testing/app.ts'
import { userSealed } from '../sealed.ts'
import { setupLink } from '../sign-in/setup.ts'

/** Makes the codes usable again, as if they had been used long ago. */
const forgetCodes = (house: TestApp) => sql`update user_two_factor set last_step = 0`.execute(house.db)

const person = { email: 'admin@shanyu.cn', password: 'correct horse battery' }

/** RFC 6238, implemented independent of the library. */
function totp(uri: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const text = new URL(uri).searchParams.get('secret') ?? ''
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function enrolled(house: TestApp) {
  const token = new URL((await setupLink(house.db, 'http://x')) ?? '').searchParams.get('token')
  const made = await house.anonymous.call('POST', '/api/setup', { ...person, token, name: '周宁' })
  const caller = callerAt(house.url, '1', cookieOf(made.cookies))
  const begun = await caller.call('POST', '/api/me/two-factor', { password: person.password })
  assert.equal(begun.status, 200, JSON.stringify(begun.body))
  const { uri, backupCodes } = Object(begun.body)
  const on = await caller.call('POST', '/api/me/two-factor/confirm', { code: totp(uri) })
  assert.equal(on.status, 204, JSON.stringify(on.body))
  return {
    caller: callerAt(house.url, '1', cookieOf(on.cookies)),
    old: caller,
    uri: String(uri),
    backupCodes,
  }
}

/** Does the first step of a sign-in; returns a caller with that cookie. */
async function halfSignedIn(house: TestApp): Promise<Caller> {
  const answer = await house.anonymous.call('POST', '/api/sign-in', person)
  assert.deepEqual([answer.status, answer.body], [200, { state: 'code_needed' }])
  return callerAt(house.url, '', cookieOf(answer.cookies))
}

test('a sign-in that waits for its code ends with the password that began it', async () => {
  await using house = await testApp()
  const { caller, uri } = await enrolled(house)
  const half = await halfSignedIn(house)
  const { id } = Object((await caller.call('GET', '/api/me')).body)
  const link = await caller.call('POST', `/api/users/${id}/password-link`)
  const token = new URL(Object(link.body).url).searchParams.get('token')
  const set = await house.anonymous.call('POST', '/api/password', { token, password: 'another long one' })
  assert.equal(set.status, 204, JSON.stringify(set.body))
  const late = await half.call('POST', '/api/sign-in/code', { code: totp(uri, 1) })
  assert.deepEqual([late.status, Object(late.body).code], [401, 'sign_in_expired'])
  assert.deepEqual(
    late.cookies.filter((line) => line.includes('session_token') && !/max-age=0/i.test(line)),
    [],
  )
})

test('with two-step verification the password alone signs nobody in', async () => {
  await using house = await testApp()
  const { caller, old, uri } = await enrolled(house)
  assert.equal(Object((await caller.call('GET', '/api/me')).body).twoFactor, true)
  assert.equal((await old.call('GET', '/api/me')).status, 401)
  const half = await halfSignedIn(house)
  assert.equal((await half.call('GET', '/api/me')).status, 401)
  const wrong = await half.call('POST', '/api/sign-in/code', { code: '000000' })
  assert.deepEqual([wrong.status, Object(wrong.body).code], [401, 'wrong_code'])
  assert.match(Object(wrong.body).message, /再错 4 次/)
  const done = await half.call('POST', '/api/sign-in/code', { code: totp(uri, 1) })
  assert.deepEqual([done.status, done.body], [200, { state: 'signed_in' }])
  assert.equal((await callerAt(house.url, '', cookieOf(done.cookies)).call('GET', '/api/me')).status, 200)
  // The unfinished sign-in can be used only once.
  const again = await half.call('POST', '/api/sign-in/code', { code: totp(uri) })
  assert.deepEqual(
    [
      again.status,
      again.cookies.filter((line) => line.includes('session_token') && !/max-age=0/i.test(line)),
    ],
    [401, []],
  )
})

test('five wrong codes lock the second step, whatever the number of half-done sign-ins', async () => {
  await using house = await testApp()
  const { uri } = await enrolled(house)
  for (let count = 0; count < 5; count++) {
    const half = await halfSignedIn(house)
    await half.call('POST', '/api/sign-in/code', { code: '000000' })
  }
  await forgetCodes(house)
  const half = await halfSignedIn(house)
  const right = await half.call('POST', '/api/sign-in/code', { code: totp(uri) })
  assert.deepEqual([right.status, Object(right.body).code], [429, 'locked_out'])
})

test('a code works once, also of two that come at the same moment, and none older than it', async () => {
  await using house = await testApp()
  const { uri } = await enrolled(house)
  const signInWith = async (code: string) =>
    (await (await halfSignedIn(house)).call('POST', '/api/sign-in/code', { code })).status
  // The code that enabled the second factor cannot be used again.
  assert.equal(await signInWith(totp(uri)), 401)
  const halves = [await halfSignedIn(house), await halfSignedIn(house)]
  const code = totp(uri, 1)
  const both = await Promise.all(halves.map((half) => half.call('POST', '/api/sign-in/code', { code })))
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 401])
  const session = both.flatMap(({ cookies }) => cookies).filter((line) => /session_token=[^;]/.test(line))
  assert.equal(session.length, 1)
  assert.equal(await signInWith(totp(uri)), 401)
})

test('a code works once as well where the clock of this machine is ten minutes behind', async (t) => {
  t.after(() => databaseSays(Date.now(), 0))
  await using house = await testApp()
  const { uri } = await enrolled(house)
  databaseSays(Date.now() + 600_000, 0)
  const signInWith = async (code: string) =>
    (await (await halfSignedIn(house)).call('POST', '/api/sign-in/code', { code })).status
  const code = totp(uri, 1)
  assert.deepEqual([await signInWith(code), await signInWith(code)], [200, 401])
})

test('a backup code works once', async () => {
  await using house = await testApp()
  const { backupCodes } = await enrolled(house)
  const [code] = backupCodes
  assert.equal((await (await halfSignedIn(house)).call('POST', '/api/sign-in/code', { code })).status, 200)
  assert.equal((await (await halfSignedIn(house)).call('POST', '/api/sign-in/code', { code })).status, 401)
})

test('it is turned off with the password, or by an administrator for who lost the phone', async () => {
  await using house = await testApp()
  const { caller } = await enrolled(house)
  const wrong = await caller.call('POST', '/api/me/two-factor/disable', { password: 'guess' })
  assert.equal(Object(wrong.body).code, 'wrong_password')
  assert.equal(
    Object((await caller.call('POST', '/api/me/two-factor', { password: person.password })).body).code,
    'two_factor_on',
  )
  const admin = await house.as(['*'])
  assert.equal((await admin.call('DELETE', '/api/users/1/two-factor')).status, 204)
  assert.equal((await caller.call('GET', '/api/me')).status, 401)
  const answer = await house.anonymous.call('POST', '/api/sign-in', person)
  assert.deepEqual(answer.body, { state: 'signed_in' })
  const back = callerAt(house.url, '', cookieOf(answer.cookies))
  const begun = await back.call('POST', '/api/me/two-factor', { password: person.password })
  assert.equal((await back.call('POST', '/api/me/two-factor/confirm', { code: '000000' })).status, 400)
  const on = await back.call('POST', '/api/me/two-factor/confirm', { code: totp(Object(begun.body).uri) })
  const again = callerAt(house.url, '', cookieOf(on.cookies))
  const off = await again.call('POST', '/api/me/two-factor/disable', { password: person.password })
  assert.equal(off.status, 204)
  const last = callerAt(house.url, '', cookieOf(off.cookies))
  assert.equal(Object((await last.call('GET', '/api/me')).body).twoFactor, false)
  assert.equal((await sql`select 1 from user_two_factor`.execute(house.db)).rows.length, 0)
})

test('codes and backup codes go on working through a change of keys', async () => {
  await using house = await testApp()
  const { ring, db } = house
  const { uri, backupCodes } = await enrolled(house)
  const signInWith = async (code: string) =>
    (await (await halfSignedIn(house)).call('POST', '/api/sign-in/code', { code })).status
  const [first] = ring.byNumber.values()
  const second = { ...memoryKeyRing().current, number: 2 }
  ring.byNumber = new Map([...ring.byNumber, [2, second]])
  assert.equal(await signInWith(backupCodes[0]), 200)
  ring.current = second
  ring.byNumber = new Map(ring.byNumber)
  assert.equal(await signInWith(totp(uri, 1)), 200)
  await forgetCodes(house)
  const secrets = userSealed.find(({ name }) => name.endsWith('.secret'))
  assert.deepEqual(Object.fromEntries((await secrets?.uses(db)) ?? []), { [first?.number ?? 0]: 1 })
  const { signal } = new AbortController()
  for (const place of userSealed) await place.reseal({ db, ring, signal })
  for (const place of userSealed) assert.deepEqual(Object.fromEntries(await place.uses(db)), { 2: 1 })
  ring.byNumber = new Map([[2, second]])
  assert.equal(await signInWith(totp(uri)), 200)
  assert.equal(await signInWith(backupCodes[1]), 200)
  assert.equal(await signInWith(backupCodes[0]), 401)
})
