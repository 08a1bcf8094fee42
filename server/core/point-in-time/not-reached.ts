import { toChinaTime } from '../../lib/time.ts'
import { BackupRefusal } from '../backup/refusal.ts'
import { segmentOf } from './segments.ts'

export type NotReached = {
  /** The files of the log that the place has. */
  names: ReadonlySet<string>
  words: string
  /** The first segment that was found nowhere. */
  missing: string | undefined
  at: Date | undefined
  /** The messages of the recovering server. */
  output: string
}

/** Says why a recovery did not come to its second: the log has a gap or ends before, or the server's own words. */
export function whyNotReached({ names, words, missing, at, output }: NotReached): BackupRefusal {
  const isShort = output.includes('recovery ended before configured recovery target was reached')
  const [, last] = /last completed transaction was at log time (\S+ \S+)/.exec(output) ?? []
  const end = last ? toChinaTime(new Date(last.replace(' ', 'T').replace(/\+00$/, 'Z'))) : '—'
  if (missing !== undefined && hasLater(names, missing))
    return new BackupRefusal(
      `${words} 缺 ${missing}.zst,它之后的日志接不上:最晚能恢复到 ${end}(--at '${end}')。什么都没有改动。\n` +
        `${words} lacks ${missing}.zst, and the log after it does not follow: the last second that can be restored is ${end} (China). Nothing was changed.`,
    )
  if (isShort && missing !== undefined)
    return new BackupRefusal(
      `日志到 ${end} 为止(还没有 ${missing}),到不了 ${at ? toChinaTime(at) : ''}。恢复到最后:--at end。旧机器的磁盘还在的话:--disk 旧数据目录。什么都没有改动。\n` +
        `The log ends at ${end} (China; there is no ${missing} yet), before that second. To its end: --at end. If the disk of the old machine is there: --disk ITS_DATA_FOLDER. Nothing was changed.`,
    )
  const tail = output.trim().split('\n').slice(-12).join('\n')
  return new BackupRefusal(
    `数据库没有恢复。什么都没有改动。\nThe database was not restored. Nothing was changed.\n${tail}`,
  )
}

export function hasLater(names: ReadonlySet<string>, missing: string): boolean {
  const gap = segmentOf(missing)
  return gap !== undefined && [...names].some((name) => (segmentOf(name)?.number ?? -1) > gap.number)
}
