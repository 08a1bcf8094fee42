import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../testing/app.ts'
import { robotHosts } from './robot-hosts.ts'
import { channel, expiredShops, noticeApp, plain, receiver, turn } from './testing.ts'

test('钉钉 gets a text whose address has the time and the signature over time and secret', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const secret = 'SECdf0123'
  const address = `${robot.url}/robot/send?access_token=abc`
  await channel(house, { kind: 'dingtalk', credentials: { address, secret } })
  await expiredShops(house, 1)
  await turn(house)
  const [one, ...more] = robot.got
  assert.deepEqual(more, [])
  const url = new URL(one?.path ?? '', robot.url)
  const at = url.searchParams.get('timestamp') ?? ''
  assert.ok(Math.abs(Number(at) - Date.now()) < 60_000)
  assert.equal(url.pathname, '/robot/send')
  assert.equal(url.searchParams.get('access_token'), 'abc')
  const sign = createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64')
  assert.equal(url.searchParams.get('sign'), sign)
  assert.match(one?.path ?? '', new RegExp(`sign=${encodeURIComponent(sign).replaceAll('.', '\\.')}`))
  const { msgtype, text } = JSON.parse(one?.text ?? '')
  assert.equal(msgtype, 'text')
  assert.match(
    text.content,
    /^【严重】店铺 1授权 .{11} 失效\n.+\nhttps:\/\/sanyi\.example\.com\/shops\?open=\d+$/,
  )
})

test('飞书 gets a text whose body has the time and the signature that is keyed by time and secret', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const secret = 'feishu-secret'
  await channel(house, {
    kind: 'feishu',
    credentials: { address: `${robot.url}/open-apis/bot/v2/hook/x`, secret },
  })
  await expiredShops(house, 1)
  await turn(house)
  const [body, ...more] = robot.bodies()
  assert.deepEqual(more, [])
  assert.match(body.timestamp, /^\d{10}$/)
  assert.equal(body.sign, createHmac('sha256', `${body.timestamp}\n${secret}`).update('').digest('base64'))
  assert.equal(body.msg_type, 'text')
  assert.match(body.content.text, /^【严重】店铺 1授权/)
})

test('a robot without a secret gets no signature', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await channel(house, { kind: 'feishu', credentials: { address: `${robot.url}/hook` } })
  await channel(house, { kind: 'dingtalk', credentials: { address: `${robot.url}/send?access_token=a` } })
  await expiredShops(house, 1)
  await turn(house)
  assert.deepEqual(robot.got.map(({ path }) => path).sort(), ['/hook', '/send?access_token=a'])
  assert.deepEqual(
    robot
      .bodies()
      .flatMap((body) => Object.keys(body))
      .sort(),
    ['content', 'msg_type', 'msgtype', 'text'],
  )
})

test('a 钉钉 robot without a secret finds the keyword 告警 in every message, in either language; one with a secret gets the plain text', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const dingtalk = (way: string, own: object) =>
    channel(house, { kind: 'dingtalk', credentials: { address: `${robot.url}/${way}` }, ...own })
  await dingtalk('zh', {})
  await dingtalk('en', { language: 'en' })
  await dingtalk('signed', { credentials: { address: `${robot.url}/signed`, secret: 'SECdf0123' } })
  const saidTo = (way: string) =>
    robot.got
      .filter(({ path }) => path.startsWith(`/${way}`))
      .map(({ text }) => JSON.parse(text).text.content.split('店')[0])
  await expiredShops(house, 1)
  await turn(house)
  assert.deepEqual(['zh', 'en', 'signed'].map(saidTo), [
    ['【三易告警】【严重】'],
    ['【三易告警】[Severe] '],
    ['【严重】'],
  ])
  // The title of several alarms has the word already.
  await sql`update shop set name = '旧店'`.execute(house.db)
  await expiredShops(house, 5)
  await turn(house)
  assert.match(saidTo('zh')[1] ?? '', /^【三易告警】\d 条/)
})

test('企业微信 gets a text of at most 2048 bytes at the address with its key, and the last line counts the rest', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await channel(house, {
    kind: 'wecom',
    credentials: { address: `${robot.url}/cgi-bin/webhook/send?key=k1` },
  })
  await sql`
    insert into alarm_record (alarm_id, kind, tone, title, detail, page, documents)
    select 'x' || n, 'x' || n, 'warn', ${'{"zh":"某处有事要办","en":"x"}'}::jsonb, ${'{"zh":"去看一看，办好了就没了","en":"x"}'}::jsonb, '/tasks', 1
    from generate_series(1, 60) n`.execute(house.db)
  await expiredShops(house, 1)
  await turn(house, { absentMs: 60_000 })
  // Only what is present is sent: the sixty are absent.
  assert.deepEqual(
    robot.bodies().map(({ text }) => text.content.split('\n').length),
    [3],
  )
  await sql`update alarm_record set absent_since = null`.execute(house.db)
  await sql`insert into alarm_notice (channel_id, record_id, what)
    select c.id, r.id, 'ended' from alarm_channel c, alarm_record r where r.kind like 'x%'`.execute(house.db)
  await turn(house, { absentMs: 60_000 })
  const [, body, ...more] = robot.bodies()
  assert.deepEqual(more, [])
  assert.equal(robot.got[1]?.path, '/cgi-bin/webhook/send?key=k1')
  assert.ok(Buffer.byteLength(body.text.content) <= 2048)
  assert.match(body.text.content, /^【三易告警】60 条恢复\n/)
  assert.match(body.text.content, /\n\n另有 \d+ 条，见总览\nhttps:\/\/sanyi\.example\.com\/$/)
})

test('a robot that answers 200 with a code did not take the message; its words are shown without the secret', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const secret = 'SECdf0123'
  await channel(house, { kind: 'dingtalk', credentials: { address: `${robot.url}/send`, secret } })
  await expiredShops(house, 1)
  robot.answers.push({ status: 200, text: `{"errcode":310000,"errmsg":"sign not match ${secret}"}` })
  await turn(house)
  const found = await sql`select failure, last_sent_at from alarm_channel`.execute(house.db)
  assert.deepEqual(found.rows, [
    {
      failure: {
        zh: '接收方拒绝：sign not match *** (310000)',
        en: 'The receiver refused: sign not match *** (310000)',
      },
      last_sent_at: null,
    },
  ])
})

test('an address inside, of another protocol or of another platform is refused; where a simulator is allowed this machine is not', async () => {
  await using house = await testApp()
  const boss = await house.as(['tasks.write'])
  const add = async (kind: string, address: string) => {
    const credentials = { address, ...(kind === 'webhook' ? { secret: 'a-secret-of-sixteen' } : {}) }
    const { status, body } = await boss.call('POST', '/api/alarm-channels', { ...plain, kind, credentials })
    return [status, Object(body).field]
  }
  const refused = [400, 'credentials.address']
  for (const address of [
    'http://127.0.0.1:8080/hook',
    'http://localhost/hook',
    'http://example.com/hook',
    'https://10.0.0.5/hook',
    'https://192.168.1.2/hook',
    'https://169.254.169.254/latest',
    'https://[::1]/hook',
    'https://example.com:8443/hook',
    'https://user:pass@example.com/hook',
    'ftp://example.com/hook',
  ])
    assert.deepEqual(await add('webhook', address), refused, address)
  assert.deepEqual(await add('dingtalk', 'https://example.com/robot/send?access_token=1'), refused)
  assert.deepEqual(await add('wecom', `https://${robotHosts.wecom[0]}.example.com/send?key=1`), refused)
  assert.deepEqual(await add('feishu', 'https://oapi.dingtalk.com/robot/send?access_token=1'), refused)
  assert.equal((await add('dingtalk', 'https://oapi.dingtalk.com/robot/send?access_token=1'))[0], 201)
  assert.equal((await add('wecom', `https://${robotHosts.wecom[0]}/cgi-bin/webhook/send?key=1`))[0], 201)
  assert.equal((await add('feishu', 'https://open.feishu.cn/open-apis/bot/v2/hook/1'))[0], 201)
})

test('a name that leads inside is not connected to, and neither is this machine without a simulator', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  const secret = 'a-secret-of-sixteen'
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await channel(house, { kind: 'webhook', credentials: { address: 'https://localhost/hook', secret } })
  await expiredShops(house, 1)
  await turn(house, { simulator: false })
  assert.deepEqual(program.got, [])
  const found = await sql<{ zh: string }>`select failure ->> 'zh' as zh from alarm_channel`.execute(house.db)
  assert.deepEqual(
    found.rows.map(({ zh }) => zh),
    ['连不上接收方，或没有答复', '连不上接收方，或没有答复'],
  )
})
