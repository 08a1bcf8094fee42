import { pino } from 'pino'
import { connectors } from '../../connectors/index.ts'
import { openDatabase } from '../../core/db/db.ts'
import { isSocket, wantedChannels } from '../../intake/push/channels.ts'
import { keepConnection } from '../../intake/push/connection.ts'
import { storeMessages } from '../../intake/push/messages.ts'
import { loadKeyRing } from '../../lib/seal.ts'

// A process that dies as soon as it has stored messages, before it acknowledges them. Arguments: database and key file.

const [url = '', keys = ''] = process.argv.slice(2)
const { db } = openDatabase(url, { max: 2 })
const ring = await loadKeyRing(keys)
const channels = await wantedChannels({ db, ring, connectors, simulator: true })
for (const channel of channels.filter(isSocket))
  keepConnection(
    {
      log: pino({ level: 'silent' }),
      async store(messages) {
        await storeMessages(db, ring, channel.channel, messages)
        process.kill(process.pid, 'SIGKILL')
      },
    },
    channel,
  )
