import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { PlatformError } from '../lib/platform-error.ts'
import { postForm } from './http.ts'
import { isPublicAddress, publicOnly } from './public-address.ts'

test('an address inside, in whatever way it is written, is no platform’s', () => {
  const inside = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
    ...['172.31.255.255', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
    ],
    ...['64:ff9b:1::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '2001:db8::1'],
    ...['2001::1', '2002:7f00:1::', '100::1', 'localhost', '', '127.1', '0x7f000001', '2130706433'],
  ]
  const outside = [
    '59.82.60.1',
    '203.119.200.1',
    '172.32.0.1',
    '100.128.0.1',
    '2400:3200::1',
    '2606:4700::1111',
  ]
  assert.deepEqual(inside.filter(isPublicAddress), [])
  assert.deepEqual(
    outside.filter((address) => !isPublicAddress(address)),
    [],
  )
})

test('a name that leads inside is not connected to, and every failure has one word', async () => {
  const hits: string[] = []
  const sink = createServer((socket) => {
    hits.push(socket.remoteAddress ?? '')
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(sink, 'listening')
  const at = Object(sink.address()).port
  const addresses = [
    `https://localhost:${at}/`,
    `https://127.0.0.1:${at}/`,
    `https://127.1:${at}/`,
    `https://0x7f000001:${at}/`,
    `https://2130706433:${at}/`,
    `https://[::1]:${at}/`,
    `https://[::ffff:127.0.0.1]:${at}/`,
    'https://127.0.0.1:1/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.255.255.1/',
    'https://[fe80::1]/',
    'https://no-such-host.invalid/',
    'http://169.254.169.254/',
    'http://example.com/',
    'http://127.0.0.1.example.com/',
    'http://127.0.0.1:1/',
  ]
  const words = new Set<string>()
  for (const url of addresses) {
    const error = await postForm(url, new URLSearchParams({ a: '1' }), undefined).catch((one: unknown) => one)
    assert.ok(error instanceof PlatformError, url)
    words.add(`${error.kind} ${error.code} ${error.message} ${error.unclear}`)
  }
  assert.deepEqual([...words], ['retry unreachable The platform cannot be reached, or gave no answer. false'])
  assert.deepEqual(hits, [])
  sink.close()
})

test('a host is resolved once, for the connection itself, and one address inside refuses it', async () => {
  const ask = (host: string, all: boolean) =>
    new Promise((resolve) =>
      publicOnly(host, { all }, (error, address) => resolve(error ? error.code : address)),
    )
  assert.equal(await ask('localhost', true), 'ENOTFOUND')
  assert.equal(await ask('localhost', false), 'ENOTFOUND')
  assert.equal(await ask('127.0.0.1', true), 'ENOTFOUND')
  assert.deepEqual(await ask('59.82.60.1', true), [{ address: '59.82.60.1', family: 4 }])
})
