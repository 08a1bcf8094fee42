import { pino } from 'pino'
import { openDatabase } from '../../core/db/db.ts'
import { loadKeyRing } from '../../lib/seal.ts'
import { startWebhooks } from '../../webhooks/loop.ts'

// A process that sends webhooks until it is killed. Arguments: database and key file.

const [url = '', keys = ''] = process.argv.slice(2)
const { db } = openDatabase(url, { max: 10 })
const ring = await loadKeyRing(keys)
startWebhooks({ db, ring, log: pino({ level: 'silent' }), simulator: true, leaseMs: 8_000, answerMs: 5_000 })
process.send?.('up')
