import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { authorityPath, fingerprint } from '../https/certificates.ts'
import { type Program, programText } from '../upgrade/program.ts'

type Ready = {
  config: Config
  demo: boolean
  role: 'web' | 'worker' | 'all'
  /** The link for setting up the first administrator; empty if there is an administrator. */
  link: string
  tookMs: number
  program: Program
}

/** The file in which the demo's simulator is kept over a restart. One that it cannot use is removed. */
export const simulatorFile = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'simulator.bin')

/** Without its file the simulator begins with other trades, so those of an earlier run are known to us alone. */
const simulatorForgets =
  '是新的，不认得上次运行中来的订单，它们回写会失败 · are new: they know no orders that came during an earlier run'

export function printReady({ config, demo, role, link, tookMs, program }: Ready): void {
  const rows: [string, string][] = []
  if (role !== 'worker') {
    rows.push(['地址 Address', config.publicUrl])
    if (config.tls === 'local') rows.push(...trustRows(config))
    if (link) rows.push(['首次设置 Set up', `${link}  (一次有效 · works once)`])
    else if (demo && !existsSync(simulatorFile(config))) rows.push(['平台模拟器 Shops', simulatorForgets])
  }
  rows.push(['日志 Logs', join(config.dataDir, 'logs')])
  rows.push(['停止 Stop', 'Ctrl-C'])
  say('')
  say(
    `三易 Sanyi ${demo ? '演示 demo ' : ''}${programText(program)} 已就绪 · ready (${(tookMs / 1000).toFixed(1)} s)`,
  )
  say('')
  for (const [label, value] of rows) say(`  ${padded(label)}${value}`)
  say('')
}

/**
 * The address at which a device gets the local authority's certificate, and the fingerprint that a user compares with it. The web process
 * has written the certificate.
 */
const trustRows = (config: Config): [string, string][] => [
  ['信任证书 Trust', `${config.publicUrl.replace(/^https:/, 'http:')}/trust`],
  ['指纹 Fingerprint', fingerprint(readFileSync(authorityPath(config), 'utf8'))],
]

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Fills a label with blanks to twenty columns; a Chinese character takes two columns. */
function padded(label: string): string {
  const columns = [...label].reduce((sum, character) => sum + (character > '\u2e80' ? 2 : 1), 0)
  return label + ' '.repeat(Math.max(1, 20 - columns))
}
