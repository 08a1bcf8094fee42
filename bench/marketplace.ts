import { demoShops } from '../sandbox/demo-shops.ts'
import { startSandbox } from '../sandbox/server.ts'

// The simulator in a process of its own: node marketplace.ts <trades> <days>. Says where it listens on its first line.
const [trades = '1000', days = '20'] = process.argv.slice(2)
const shop = demoShops[0]
if (!shop) throw new Error('the demo has no shops')
const running = await startSandbox({
  port: 0,
  seed: 'bench',
  shops: [{ ...shop, trades: Number(trades) }],
  spreadSeconds: Number(days) * 86_400,
})
console.log(running.url)
process.on('disconnect', () => process.exit(0))
