import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type StorageDouble, startStorage } from '../../../sandbox/storage/storage.ts'
import { loadConfig } from '../../config.ts'
import { testDatabase } from '../../testing/database.ts'
import { backupNameOf } from './backup-name.ts'
import { openBucket } from './bucket.ts'
import { checkBackup } from './check-backup.ts'
import { writeManifest } from './manifest.ts'
import { backupInto, removeOldInBucket, withBackup } from './place.ts'

test('a storage is named whole or not at all, and by https but to this machine', () => {
  assert.equal(loadConfig({}).bucket, undefined)
  const key = { S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' }
  assert.deepEqual(loadConfig({ ...key, S3_ENDPOINT: 'https://oss-cn-hangzhou.aliyuncs.com' }).bucket, {
    ...{ endpoint: 'https://oss-cn-hangzhou.aliyuncs.com', region: 'us-east-1', pathStyle: false },
    ...{ keyId: 'a', secret: 'b' },
  })
  assert.throws(() => loadConfig(key), /go together/)
  assert.throws(() => loadConfig({ ...key, S3_ENDPOINT: 'http://10.0.0.9:9000' }), /must begin with https/)
  assert.throws(() => loadConfig({ ...key, S3_ENDPOINT: 'https://a.example/b' }), /have no path/)
})

describe('backups in an S3-compatible storage', () => {
  let storage: StorageDouble
  let folder: string
  before(async () => {
    storage = await startStorage('backups')
    folder = await mkdtemp(join(tmpdir(), 'sanyi-bucket-'))
  })
  beforeEach(() => {
    storage.files.clear()
    storage.faults.length = 0
    storage.requests.length = 0
  })
  after(async () => {
    await storage[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const access = () => ({
    ...{ endpoint: storage.endpoint, region: 'cn-east-1', pathStyle: true },
    ...{ keyId: storage.key.id, secret: storage.key.secret },
  })
  const here = () => ({ bucket: access(), staging: join(folder, 'staging') })
  const names = () => [...storage.files.keys()].toSorted()

  test('a backup is stored with its manifest last, found whole, and leaves no file on this machine', async () => {
    await using database = await testDatabase()
    const { folder: made, manifest } = await backupInto(
      { url: database.url, place: 's3://backups/shop 1/' },
      here(),
    )
    assert.match(made, /^s3:\/\/backups\/shop 1\/sanyi-\d{8}-\d{6}$/)
    const below = made.slice('s3://'.length)
    assert.deepEqual(
      names(),
      [...manifest.tables.map(({ name }) => `${below}/${name}.zst`), `${below}/manifest.json`].toSorted(),
    )
    assert.equal(storage.requests.at(-1), `PUT ${below}/manifest.json`)
    const { wrong, manifest: read } = await withBackup(made, here(), checkBackup)
    assert.deepEqual([wrong, read], [[], manifest])
    assert.deepEqual(await readdir(join(folder, 'staging')), [])
  })

  test('backups of one second into one bucket get names of their own, and replace no file of another', async () => {
    await using database = await testDatabase()
    const began = Date.now()
    const taken = [0, 1, 2, 3, 4, 5].map(
      (second) => `backups/a/${backupNameOf(new Date(began + second * 1000).toISOString(), 1)}/shop.zst`,
    )
    for (const file of taken) storage.files.set(file, Buffer.from('of the first'))
    const request = { url: database.url, place: 's3://backups/a' }
    const made = await Promise.all([backupInto(request, here()), backupInto(request, here())])
    assert.notEqual(made[0].folder, made[1].folder)
    for (const { folder: one, manifest } of made) {
      assert.match(one, /^s3:\/\/backups\/a\/sanyi-\d{8}-\d{6}-\d+$/)
      const { wrong, manifest: read } = await withBackup(one, here(), checkBackup)
      assert.deepEqual([wrong, read], [[], manifest])
    }
    assert.ok(taken.every((file) => storage.files.get(file)?.toString() === 'of the first'))
    assert.deepEqual(
      names().filter((name) => name.includes('/claim-')),
      [],
    )
  })

  test('a backup without its manifest is refused, and the whole ones of the place are named', async () => {
    storage.files.set('backups/a/sanyi-20260101-000000/manifest.json', Buffer.from('{}'))
    storage.files.set('backups/a/sanyi-20260102-000000/shop.zst', Buffer.from(''))
    const asked = async (backup: string) => await withBackup(backup, here(), async () => assert.fail())
    await assert.rejects(asked('s3://backups/a/sanyi-20260102-000000'), /is no backup: .* in it: —$/)
    await assert.rejects(asked('s3://backups/a'), /is no backup: .* in it: sanyi-20260101-000000$/)
    await assert.rejects(asked('s3://B/a'), /is no place in a storage/)
    await assert.rejects(
      withBackup('s3://backups/a', { ...here(), bucket: undefined }, checkBackup),
      /No storage is set/,
    )
  })

  test('a backup for which this machine has no room is refused before its files are downloaded', async () => {
    await using database = await testDatabase()
    const { folder: made, manifest } = await backupInto(
      { url: database.url, place: 's3://backups/b' },
      here(),
    )
    const tables = manifest.tables.map((table) => ({ ...table, storedBytes: 1e15 }))
    await writeManifest(folder, { ...manifest, tables })
    const key = `${made.slice('s3://'.length)}/manifest.json`
    storage.files.set(key, await readFile(join(folder, 'manifest.json')))
    storage.requests.length = 0
    const asked = withBackup(made, here(), async () => assert.fail())
    await assert.rejects(asked, /has .* left, and the download of the backup needs about/)
    assert.deepEqual(
      storage.requests.filter((request) => request !== 'GET backups/'),
      [`GET ${key}`],
    )
    assert.deepEqual(await readdir(join(folder, 'staging')), [])
  })

  test('the newest are kept; older ones, also without a manifest, go, and other files stay', async () => {
    const put = (...files: string[]) => {
      for (const file of files) storage.files.set(`backups/a/${file}`, Buffer.from(''))
    }
    for (const day of [1, 2, 3, 4])
      put(`sanyi-2026010${day}-000000/shop.zst`, `sanyi-2026010${day}-000000/manifest.json`)
    put(
      'sanyi-20260101-120000/shop.zst',
      'sanyi-20260103-120000/shop.zst',
      'sanyi-notes/manifest.json',
      'photos/1.jpg',
    )
    const kept = { keep: 2, made: 'sanyi-20260104-000000' }
    assert.equal(await removeOldInBucket('s3://backups/a', kept, here()), 2)
    assert.deepEqual(names(), [
      'backups/a/photos/1.jpg',
      'backups/a/sanyi-20260103-000000/manifest.json',
      'backups/a/sanyi-20260103-000000/shop.zst',
      'backups/a/sanyi-20260103-120000/shop.zst',
      'backups/a/sanyi-20260104-000000/manifest.json',
      'backups/a/sanyi-20260104-000000/shop.zst',
      'backups/a/sanyi-notes/manifest.json',
    ])
    const removed = storage.requests.filter((request) => request.startsWith('DELETE'))
    assert.match(removed[0] ?? '', /manifest\.json$/)
  })

  test('the backup that was just made stays also after a wrong clock, which gave older ones later names', async () => {
    for (const name of ['20260104-000000', '20260105-000000', '29990101-000000', '29990102-000000'])
      storage.files.set(`backups/a/sanyi-${name}/manifest.json`, Buffer.from(''))
    const kept = { keep: 2, made: 'sanyi-20260105-000000' }
    assert.equal(await removeOldInBucket('s3://backups/a', kept, here()), 1)
    assert.deepEqual(
      names(),
      ['20260105', '29990101', '29990102'].map((day) => `backups/a/sanyi-${day}-000000/manifest.json`),
    )
  })

  test('files on their way that an earlier process of our number left are removed, and those of another that runs stay', async () => {
    const staging = join(folder, 'staging')
    const other = `${process.ppid}-other`
    for (const name of [`${process.pid}-earlier`, other])
      await mkdir(join(staging, name), { recursive: true })
    storage.files.set('backups/a/sanyi-20260101-000000/manifest.json', Buffer.from('{}'))
    const asked = withBackup('s3://backups/a/sanyi-20260101-000000', here(), async () => assert.fail())
    await assert.rejects(asked, /manifest\.json of .* is damaged/)
    assert.deepEqual(await readdir(staging), [other])
    await rm(join(staging, other), { recursive: true })
  })

  test('a large file goes in parts, through answers of 503 and broken connections, and comes back the same', async () => {
    const [from, to] = [join(folder, 'large'), join(folder, 'back')]
    const bytes = randomBytes(70_000_000)
    await writeFile(from, bytes)
    const bucket = openBucket(access(), 'backups')
    storage.faults.push('SlowDown', 'broken', 'InternalError')
    await bucket.put('a b/大.zst', from)
    assert.deepEqual([names(), storage.uploads.size], [['backups/a b/大.zst'], 0])
    await bucket.get('a b/大.zst', to)
    assert.ok((await readFile(to)).equals(bytes))
    assert.deepEqual(
      storage.requests.map((request) => request.split(' ')[0]),
      ['POST', 'PUT', 'PUT', 'PUT', 'POST', 'GET'],
    )
  })

  test('an upload whose end is answered by nothing, by a half or by an error under 200, and a list that breaks off, are done', async () => {
    const [from, to] = [join(folder, 'joined'), join(folder, 'joined-back')]
    const bytes = randomBytes(40_000_000)
    await writeFile(from, bytes)
    const bucket = openBucket(access(), 'backups')
    const faults = ['InternalError under 200', 'cut', 'lost'] as const
    for (const fault of faults) {
      // The upload begins, and has two parts.
      storage.faults.push('none', 'none', 'none', fault)
      await bucket.put(`joined/${fault}`, from)
      await bucket.get(`joined/${fault}`, to)
      assert.ok((await readFile(to)).equals(bytes), fault)
    }
    assert.equal(storage.uploads.size, 0)
    storage.faults.push('cut')
    assert.deepEqual(
      await bucket.list('joined/'),
      faults.map((fault) => `joined/${fault}`),
    )
    assert.deepEqual(storage.faults, [])
  })

  test('a backup that is stopped leaves no parts in the storage', async () => {
    const file = join(folder, 'stopped')
    await writeFile(file, randomBytes(70_000_000))
    const stop = new AbortController()
    const put = openBucket(access(), 'backups', stop.signal).put('x', file)
    while (storage.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(storage.uploads.size, 1)
    stop.abort()
    await assert.rejects(put, { name: 'AbortError' })
    assert.deepEqual([storage.uploads.size, names()], [0, []])
  })

  test('a wrong key, another bucket and a storage that is away are said, and nothing is stored', async () => {
    const put = async (changes: object, name = 'backups') => {
      const file = join(folder, 'small')
      await writeFile(file, 'x')
      await openBucket({ ...access(), ...changes }, name).put('x', file)
    }
    await assert.rejects(put({ secret: 'wrong' }), /refused .*\(SignatureDoesNotMatch\)/)
    await assert.rejects(put({ keyId: 'wrong' }), /refused .*\(InvalidAccessKeyId\)/)
    await assert.rejects(put({}, 'others'), /refused .*\(NoSuchBucket\)/)
    await assert.rejects(put({ endpoint: 'http://127.0.0.1:9' }), /cannot be reached/)
    assert.deepEqual(names(), [])
  })
})
