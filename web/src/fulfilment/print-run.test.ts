import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  PRINT_CLIENTS,
  type PrintClient as Printer,
  startPrintClient,
} from '../../../sandbox/print-client.ts'
import { printClients } from '../../../server/carriers/print-clients-contract.ts'
import { connectPrintClient, connectPrintClients } from './print-client.ts'
import { type NextDocument, runPrintJob } from './print-run.ts'

/** The server's side of a job of so many labels, in memory. `sourceOf`: the source of the label in each place. */
function aJob(count: number, sourceOf = (_seq: number) => 'cainiao') {
  const state = new Map(Array.from({ length: count }, (_, at) => [at + 1, 'waiting']))
  const next = async (results: readonly { seq: number; printed: boolean }[], most: number) => {
    for (const { seq, printed } of results) state.set(seq, printed ? 'printed' : 'failed')
    const handed = [...state].filter(([, one]) => one === 'waiting').slice(0, most)
    for (const [seq] of handed) state.set(seq, 'spooled')
    return handed.map(
      ([seq]): NextDocument => ({
        seq,
        documentId: `d-${seq}`,
        source: sourceOf(seq),
        contents: [{ ...label, seq }],
      }),
    )
  }
  /** The labels of each print dialog of the browser. */
  const dialogs: number[][] = []
  return {
    next,
    dialogs,
    printSheets: async (documents: readonly NextDocument[]) => {
      dialogs.push(documents.map(({ seq }) => seq))
    },
    state,
    of: (word: string) => [...state].filter(([, one]) => one === word).map(([seq]) => seq),
  }
}

/** What the print clients of all platforms want together. */
const label = {
  ...{ encryptedData: 'x', signature: 'y', templateUrl: 'https://z', templateURL: 'https://z', ver: '3' },
  params: 'access_token=t&app_key=k&method=logistics.getShopKey&param_json={}&timestamp=1&v=2&sign=s',
  ...{ printInfo: 'wx:x', key: 'k', waybillCode: 'YT1' },
}

const kinds = [
  ...PRINT_CLIENTS.map((kind) => ({ kind, newer: false })),
  { kind: 'cainiao', newer: true },
] as const

for (const kind of kinds)
  describe(`printing through the print client of ${kind.kind}${kind.newer ? ', with its newer messages' : ''}`, () => {
    let printer: Printer
    before(async () => {
      printer = await startPrintClient({ port: 0, ...kind })
    })
    after(() => printer.close())
    beforeEach(() => {
      printer.printed.length = 0
      printer.arrived = 0
      printer.faults = {}
    })
    const run = async (job: ReturnType<typeof aJob>, isStopped = () => false) => {
      const client = await connectPrintClient(kind.kind, printer.url)
      try {
        return await runPrintJob(client, job, { printer: '', isStopped, onResult: () => {} })
      } finally {
        client.close()
      }
    }

    test('every label comes out once, in order', async () => {
      const job = aJob(60)
      assert.equal(await run(job), 'done')
      assert.deepEqual(
        printer.printed,
        Array.from({ length: 60 }, (_, at) => `d-${at + 1}`),
      )
      assert.equal(job.of('printed').length, 60)
    })

    test('a jam at 37 ends the run there; what was handed out behind it was never sent', async () => {
      const job = aJob(60)
      printer.faults = { jamAt: 37 }
      assert.equal(await run(job), 'failed')
      assert.deepEqual([job.of('failed'), job.of('spooled')], [[37], [38, 39, 40]])
      assert.equal(printer.printed.length, 36)
      assert.equal(printer.arrived, 37)
    })

    test('a client that dies after spooling leaves that label and those behind it spooled', async () => {
      const job = aJob(60)
      printer.faults = { dieAfter: 12 }
      assert.equal(await run(job), 'gone')
      assert.deepEqual([job.of('printed').length, job.of('spooled')], [11, [12, 13, 14, 15]])
      assert.equal(printer.printed.at(-1), 'd-12')
    })

    test('a stop prints the label under way and no more', async () => {
      const job = aJob(60)
      assert.equal(await run(job, () => printer.arrived >= 8), 'stopped')
      assert.equal(printer.printed.length, 8)
      assert.deepEqual(job.of('spooled'), [9, 10])
    })

    test('a preview is drawn and not printed', async () => {
      const client = await connectPrintClient(kind.kind, printer.url)
      const picture = `${printer.url.replace('ws:', 'http:')}/preview/d-1.svg`
      const drawn = await client.preview({ documentId: 'd-1', source: kind.kind, contents: [label] })
      // Where the client has a window of its own for previews, the page says so.
      const words = printClients[kind.kind].previewIn({})
      assert.deepEqual(drawn, words ?? { url: picture, isPicture: true })
      assert.equal((await fetch(picture)).headers.get('content-type'), 'image/svg+xml')
      assert.deepEqual([printer.printed, printer.arrived], [[], 0])
      client.close()
    })

    test('the printers are named, or none', async () => {
      const client = await connectPrintClient(kind.kind, printer.url)
      const { usual, ...found } = await client.printers()
      assert.deepEqual(found, { names: ['热敏打印机 76×130'], off: [] })
      // One client names no default.
      assert.ok(['', '热敏打印机 76×130'].includes(usual))
      printer.faults = { noPrinter: true }
      assert.deepEqual((await client.printers()).names, [])
      client.close()
    })
  })

/** The print client that shows previews in a window of its own, and names no usual printer. */
const withWindow =
  PRINT_CLIENTS.find((kind) => printClients[kind].previewIn({}) !== undefined) ?? assert.fail()

test('a preview that a client with a window of its own refuses is told with its reason, and no window is promised', async () => {
  const printer = await startPrintClient({ port: 0, kind: withWindow })
  const client = await connectPrintClient(withWindow, printer.url)
  const drawn = await client.preview({ documentId: 'd-1', source: withWindow, contents: [{}] })
  assert.deepEqual(drawn, { zh: '没有预览：面单数据无法解密', en: 'No preview: 面单数据无法解密' })
  client.close()
  await printer.close()
})

test('a client that opens and then is silent is given up, and closing it rejects a print under way', async () => {
  const printer = await startPrintClient({ port: 0 })
  printer.faults = { silent: true }
  const given = await connectPrintClient('cainiao', printer.url, 50)
  await assert.rejects(given.printers(), { message: 'The print client is gone.' })
  const client = await connectPrintClient('cainiao', printer.url)
  const waits = client.print({ documentId: 'd-1', source: 'cainiao', contents: [label] }, '')
  client.close()
  await assert.rejects(waits, { message: 'The print client is gone.' })
  assert.deepEqual(printer.printed, [])
  await printer.close()
})

test('the usual printer is of the first print client that names one', async () => {
  const unnamed = await startPrintClient({ port: 0, kind: withWindow })
  const cainiao = await startPrintClient({ port: 0 })
  const clients = await connectAt({ [withWindow]: unnamed.url, cainiao: cainiao.url })
  assert.equal((await clients.printers()).usual, '热敏打印机 76×130')
  clients.close()
  await unnamed.close()
  await cainiao.close()
})

test('without a print client the connection is refused', async () => {
  const closed = await startPrintClient({ port: 0 })
  await closed.close()
  await assert.rejects(connectPrintClient('cainiao', closed.url), {
    message: 'The print client does not answer.',
  })
})

test('each label goes to the print client of its source; one whose client does not run waits for it', async () => {
  const cainiao = await startPrintClient({ port: 0 })
  const running: Record<string, string> = { cainiao: cainiao.url }
  const clients = await connectAt(running)
  const print = (documentId: string, source: string) =>
    clients.print({ documentId, source, contents: [label] }, '')
  assert.deepEqual(await print('d-1', 'cainiao'), { printed: true, message: '' })
  assert.deepEqual(await print('d-2', 'pinduoduo'), { printed: false, message: 'no pinduoduo' })
  const pinduoduo = await startPrintClient({ port: 0, kind: 'pinduoduo' })
  running['pinduoduo'] = pinduoduo.url
  assert.deepEqual(await print('d-2', 'pinduoduo'), { printed: true, message: '' })
  assert.deepEqual(await print('d-3', 'another'), { printed: false, message: 'no another' })
  assert.deepEqual([cainiao.printed, pinduoduo.printed], [['d-1'], ['d-2']])
  assert.deepEqual((await clients.printers()).names, ['热敏打印机 76×130'])
  await pinduoduo.close()
  await assert.rejects(print('d-4', 'pinduoduo'), { message: 'The print client is gone.' })
  clients.close()
  await cainiao.close()
  await assert.rejects(connectAt(running), { message: 'No print client answers.' })
})

describe('labels that the browser prints', () => {
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const run = async (job: ReturnType<typeof aJob>) => {
    const noClient = await connectAt({}, true)
    return runPrintJob(noClient, job, { printer: '', isStopped: () => false, onResult: () => {} })
  }
  /** What the clerk says: everything up to this place came out, the others wait again. */
  const settle = ({ state }: ReturnType<typeof aJob>, last: number) => {
    for (const [seq, one] of state) if (one === 'spooled') state.set(seq, seq <= last ? 'printed' : 'waiting')
  }

  test('are one dialog for up to a hundred and more, and then the clerk is asked', async () => {
    const job = aJob(160, () => 'kuaidi100')
    assert.equal(await run(job), 'asked')
    assert.deepEqual(job.dialogs, [numbers(1, 105)])
    settle(job, 90)
    assert.equal(await run(job), 'asked')
    settle(job, 160)
    assert.equal(await run(job), 'done')
    assert.deepEqual(job.dialogs.slice(1), [numbers(91, 160)])
    assert.equal(job.of('printed').length, 160)
  })

  test('keep their place among the labels of a print client', async () => {
    const cainiao = await startPrintClient({ port: 0 })
    const client = await connectAt({ cainiao: cainiao.url })
    const job = aJob(8, (seq) => (seq > 2 && seq < 6 ? 'kuaidi100' : 'cainiao'))
    const go = () => runPrintJob(client, job, { printer: '', isStopped: () => false, onResult: () => {} })
    assert.equal(await go(), 'asked')
    assert.deepEqual([job.of('printed'), job.dialogs], [[1, 2], [[3, 4, 5]]])
    settle(job, 5)
    assert.equal(await go(), 'done')
    assert.deepEqual(cainiao.printed, ['d-1', 'd-2', 'd-6', 'd-7', 'd-8'])
    client.close()
    await cainiao.close()
  })
})

/** Connects to these print clients, by source, and not to those of the machine, which may run too. */
function connectAt(running: Readonly<Record<string, string>>, browserPrints = false) {
  const addressOf = (source: string) => running[source] ?? 'ws://127.0.0.1:1'
  return connectPrintClients(
    (source) => `no ${source}`,
    async () => browserPrints,
    addressOf,
  )
}
