import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../testing/app.ts'
import { mailTo } from './mail.ts'
import { type Mail, mailServer } from './mail-testing.ts'
import { unreachable } from './send-failure.ts'
import { channel, expiredShops, noticeApp, plain, turn } from './testing.ts'

const credentials = (port: string) => ({
  ...{ host: '127.0.0.1', port, user: 'robot', password: 'pass-of-robot' },
  ...{ from: 'alarms@example.com', to: 'boss@example.com， keeper@example.com' },
})

/** The decoded text and subject of a mail. */
function read({ text }: Mail) {
  const [head = '', body = ''] = text.split(/\n\n(.*)/s)
  const subject = /^Subject: ((?:.|\n[ \t])*)$/m.exec(head)?.[1] ?? ''
  const words = subject.replaceAll(/=\?UTF-8\?B\?([^?]*)\?=\s*/gi, (_, part: string) =>
    Buffer.from(part, 'base64').toString('latin1'),
  )
  const isBase64 = /^Content-Transfer-Encoding: base64$/im.test(head)
  const plainText = isBase64
    ? Buffer.from(body.replaceAll('\n', ''), 'base64').toString('utf8')
    : Buffer.from(
        body
          .replaceAll('=\n', '')
          .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString('utf8')
  return {
    subject: Buffer.from(words, 'latin1').toString('utf8'),
    text: plainText.trim().replaceAll('\r\n', '\n'),
  }
}

test('a mail goes to each address, signed in, with the alarms as its text', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  await channel(house, { kind: 'mail', credentials: credentials(server.port) })
  await expiredShops(house, 1)
  await turn(house)
  await turn(house)
  const [mail, ...more] = server.mails
  assert.ok(mail)
  assert.equal(more.length, 0)
  assert.deepEqual(
    [mail.from, mail.to, mail.signedIn],
    ['alarms@example.com', ['boss@example.com', 'keeper@example.com'], '|robot|pass-of-robot'],
  )
  const { subject, text } = read(mail)
  assert.match(subject, /^【严重】店铺 1授权 .{11} 失效$/)
  assert.match(text, /^【严重】店铺 1授权 .{11} 失效\n.+\nhttps:\/\/sanyi\.example\.com\/shops\?open=\d+$/)
})

test('the answer of a mail server that refuses is shown, without addresses and password', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const id = await channel(house, { kind: 'mail', credentials: credentials(server.port) })
  server.state.refuses = '550 boss@example.com is unknown to pass-of-robot'
  const boss = await house.as(['tasks.write'])
  const { body } = await boss.call('POST', `/api/alarm-channels/${id}/test`)
  assert.deepEqual(body, {
    failure: {
      zh: '接收方拒绝：550 *** is unknown to ***',
      en: 'The receiver refused: 550 *** is unknown to ***',
    },
  })
  assert.deepEqual(server.mails, [])
})

test('a mail server that answers slowly to each command is given up, so that no other process sends the same meanwhile', async () => {
  await using server = await mailServer()
  server.state.slowMs = 300
  const sending = {
    credentials: credentials(server.port),
    message: { title: '一', text: '二' },
    simulator: true,
  }
  const began = performance.now()
  await assert.rejects(mailTo(sending, 400), unreachable)
  assert.ok(performance.now() - began < 1500)
  assert.deepEqual(server.mails, [])
  server.state.slowMs = 0
  await mailTo(sending, 400)
  assert.equal(server.mails.length, 1)
})

test('a mail server inside is not connected to without a simulator, and where its name changes the password is typed again', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const id = await channel(house, { kind: 'mail', credentials: credentials(server.port) })
  await channel(house, { kind: 'mail', credentials: { ...credentials(server.port), host: 'localhost' } })
  await expiredShops(house, 1)
  await turn(house, { simulator: false })
  assert.deepEqual([server.mails, server.state.connections], [[], 0])
  const found = await sql<{ zh: string }>`select failure ->> 'zh' as zh from alarm_channel`.execute(house.db)
  assert.deepEqual(
    found.rows.map(({ zh }) => zh),
    ['连不上接收方，或没有答复', '连不上接收方，或没有答复'],
  )
  const boss = await house.as(['tasks.write'])
  const { password: _password, ...shown } = credentials(server.port)
  const change = (own: object) =>
    boss.call('PATCH', `/api/alarm-channels/${id}`, { ...plain, credentials: { ...shown, ...own } })
  const moved = await change({ host: 'mail.example.com' })
  assert.deepEqual([moved.status, Object(moved.body).field], [400, 'credentials.password'])
  assert.equal((await change({ to: 'other@example.com' })).status, 204)
})

test('a mail server is named and no address, and mail addresses look like such', async () => {
  await using house = await testApp()
  const boss = await house.as(['tasks.write'])
  const add = async (own: object) => {
    const typed = { ...credentials('465'), host: 'smtp.example.com', ...own }
    const { status, body } = await boss.call('POST', '/api/alarm-channels', {
      ...plain,
      kind: 'mail',
      credentials: typed,
    })
    return [status, Object(body).field]
  }
  assert.deepEqual(await add({ host: '10.0.0.5' }), [400, 'credentials.host'])
  assert.deepEqual(await add({ host: 'smtp.example.com/x' }), [400, 'credentials.host'])
  assert.deepEqual(await add({ to: 'boss' }), [400, 'credentials.to'])
  assert.deepEqual(await add({ from: 'a@b.c, d@e.f' }), [400, 'credentials.from'])
  assert.deepEqual(await add({ port: '0' }), [400, 'credentials.port'])
  assert.equal((await add({}))[0], 201)
})
