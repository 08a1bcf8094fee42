// npm run doctor: looks at this installation and names each fault with its remedy. It changes nothing and needs no sign-in.
// Exit code: 0 nothing to do, 1 something to watch, 2 something is broken.
import { loadConfig } from '../server/config.ts'
import type { Finding } from '../server/overview/health/contract.ts'
import { examine } from '../server/start/doctor.ts'

const signs: Record<Finding['tone'], string> = { ok: '✓', off: '–', warn: '!', bad: '✗' }
const counts: Record<Finding['tone'], number> = { ok: 0, off: 0, warn: 0, bad: 0 }

try {
  const config = loadConfig()
  for await (const finding of examine(config)) {
    counts[finding.tone] += 1
    show(finding, config.publicUrl)
  }
} catch (error) {
  counts.bad += 1
  console.log(`✗ ${error instanceof Error ? error.message : error}`)
}
const { bad, warn } = counts
console.log(
  bad + warn === 0
    ? '一切正常 · All is well'
    : `${bad} 处要处理，${warn} 处要留意 · ${bad} to act on, ${warn} to watch`,
)
// A connection that is never answered would keep the process.
process.exit(bad > 0 ? 2 : Math.min(warn, 1))

function show({ tone, title, remedy, to }: Finding, publicUrl: string): void {
  console.log(`${signs[tone]} ${title.zh === title.en ? title.zh : `${title.zh} · ${title.en}`}`)
  if (!remedy) return
  const link = to ? ` → ${publicUrl}${to}` : ''
  console.log(`    ${remedy.zh}${link}`)
  console.log(`    ${remedy.en}${link}`)
}
