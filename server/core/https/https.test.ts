import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { createServer, request as encryptedRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadConfig } from '../../config.ts'
import { testApp } from '../../testing/app.ts'
import { makeAuthority, makeCertificate } from './authority.ts'
import { authorityPath, fingerprint, readCertificates } from './certificates.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'sanyi-https-'))
after(() => rm(dataDir, { recursive: true }))
const now = Date.parse('2026-11-27T06:00:00Z')
const days = (count: number) => count * 24 * 60 * 60 * 1000
const local = { dataDir, publicUrl: 'https://192.168.7.7:3000', tls: 'local' as const }

type Got = { status: number | undefined; location: string | undefined; body: string }

function get(url: string, { ca = '', host = '' } = {}): Promise<Got> {
  const send = url.startsWith('https') ? encryptedRequest : plainRequest
  return new Promise((settle, fail) => {
    const headers = host === '' ? {} : { host }
    const asked = send(url, { agent: false, headers, ...(ca === '' ? {} : { ca }) }, async (answer) => {
      const parts = await answer.toArray()
      const body = Buffer.concat(parts).toString()
      settle({ status: answer.statusCode, location: answer.headers.location, body })
    })
    asked.on('error', fail).end()
  })
}

test('with TLS=local one port speaks https to whoever trusts the authority, and sends plain http there', async () => {
  await using house = await testApp({ TLS: 'local', DATA_DIR: dataDir, PUBLIC_URL: 'https://127.0.0.1:3000' })
  const authority = await readFile(authorityPath(house.config), 'utf8')
  const { port } = house.app.server.address() as AddressInfo
  // A slow stranger has as long as over plain http.
  const { headersTimeout, requestTimeout } = house.app.server
  assert.deepEqual([headersTimeout, requestTimeout], [20_000, 120_000])
  const ca = new X509Certificate(authority).toString()

  assert.equal((await get(`https://127.0.0.1:${port}/healthz`, { ca })).status, 200)
  await assert.rejects(get(`https://127.0.0.1:${port}/healthz`), { code: /SELF_SIGNED|UNABLE_TO/ })

  const sent = await get(`http://127.0.0.1:${port}/orders?tab=new`)
  assert.deepEqual([sent.status, sent.location], [308, `https://127.0.0.1:${port}/orders?tab=new`])
  // The API is not answered without encryption, and no host of an attacker becomes a target.
  assert.equal((await get(`http://127.0.0.1:${port}/api/v1/me`)).status, 308)
  assert.equal((await get(`http://127.0.0.1:${port}//evil.example/`)).status, 400)
  assert.equal((await get(`http://127.0.0.1:${port}/`, { host: 'a b' })).status, 400)

  for (const url of [`http://127.0.0.1:${port}`, `https://127.0.0.1:${port}`]) {
    const page = await get(`${url}/trust`, { ca })
    assert.equal(page.body.includes(fingerprint(authority)), true)
    const file = await get(`${url}/trust/sanyi.crt`, { ca })
    assert.equal(file.body, ca)
    assert.equal(file.body.includes('PRIVATE'), false)
  }
})

test('a connection that says nothing for twenty seconds is closed, and a broken one harms no other', {
  timeout: 60_000,
}, async () => {
  await using house = await testApp({ TLS: 'local', DATA_DIR: dataDir, PUBLIC_URL: 'https://127.0.0.1:3000' })
  const { port } = house.app.server.address() as AddressInfo
  const broken = connect(port, '127.0.0.1', () => broken.resetAndDestroy())
  const half = connect(port, '127.0.0.1', () => half.write(Buffer.from([22, 3, 1, 0])))
  half.on('error', () => {})
  const ca = new X509Certificate(await readFile(authorityPath(house.config), 'utf8')).toString()
  assert.equal((await get(`https://127.0.0.1:${port}/healthz`, { ca })).status, 200)
  half.destroy()
})

test('the authority cannot vouch for a public address', async () => {
  const authority = await makeAuthority([], Date.now())
  const pem = await makeCertificate(authority, ['eco.taobao.com', '127.0.0.1'], Date.now())
  const server = createServer({ cert: pem, key: pem }, (_request, response) => response.end())
  after(() => server.close())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const ca = new X509Certificate(authority).toString()
  await assert.rejects(get(`https://127.0.0.1:${port}/`, { ca }), /permitted subtree violation/)
})

test('a certificate is kept until a month before its end or a new address, and the authority stays', async () => {
  const first = await readCertificates(local, now)
  assert.deepEqual(await readCertificates(local, now + days(360)), first)
  const later = await readCertificates(local, now + days(368))
  assert.notEqual(later.server, first.server)
  assert.equal(later.authority, first.authority)
  const moved = await readCertificates({ ...local, publicUrl: 'https://192.168.7.8:3000' }, now + days(368))
  assert.equal(moved.authority, first.authority)
  assert.equal(new X509Certificate(moved.server).checkIP('192.168.7.8'), '192.168.7.8')
  // An IPv6 address has several spellings, of which the certificate has another than the setting.
  const sixth = { ...local, publicUrl: 'https://[fd00::7]:3000' }
  const made = await readCertificates(sixth, now)
  assert.deepEqual(await readCertificates(sixth, now + days(1)), made)
  // A public name needs an authority that may sign for it.
  const named = await readCertificates({ ...local, publicUrl: 'https://erp.example.com' }, now)
  assert.notEqual(named.authority, first.authority)
  assert.equal((await stat(authorityPath(local))).mode & 0o777, 0o600)
})

test('a given certificate is used; files that are missing or do not fit stop the start with words', async () => {
  const one = await makeAuthority([], now)
  const other = await makeAuthority([], now)
  const paths = { certificatePath: join(dataDir, 'given.pem'), keyPath: join(dataDir, 'given.key') }
  await writeFile(paths.certificatePath, new X509Certificate(one).toString())
  await writeFile(paths.keyPath, one.slice(one.indexOf('-----BEGIN PRIVATE')))
  assert.equal((await readCertificates({ ...local, tls: paths })).authority, undefined)
  await writeFile(paths.keyPath, other.slice(other.indexOf('-----BEGIN PRIVATE')))
  await assert.rejects(readCertificates({ ...local, tls: paths }), /TLS_CERT and TLS_KEY .* do not fit/)
  await rm(paths.keyPath)
  await assert.rejects(readCertificates({ ...local, tls: paths }), /TLS_CERT and TLS_KEY cannot be read/)
})

test('settings that contradict each other are named', () => {
  assert.equal(loadConfig({ TLS: 'local' }).publicUrl, 'https://localhost:3000')
  assert.equal(loadConfig({}).tls, undefined)
  for (const [env, words] of [
    [{ TLS: 'yes' }, /TLS may be local/],
    [{ TLS_CERT: 'a.pem' }, /TLS_CERT and TLS_KEY go together/],
    [{ TLS: 'local', TLS_CERT: 'a', TLS_KEY: 'b' }, /give no TLS_CERT/],
    [{ TLS: 'local', PUBLIC_URL: 'http://10.0.0.2' }, /must begin with https/],
  ] as const)
    assert.throws(() => loadConfig(env), words)
})
