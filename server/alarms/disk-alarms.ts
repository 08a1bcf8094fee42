import { type Disk, diskWords, roomOf } from '../core/db/disk.ts'
import { processHeartbeats } from '../core/embedded/house-process.ts'
import type { Asked, Told } from './alarm-words.ts'

/**
 * The alarm for a disk that is nearly full. `own` was measured by this process, because a database without space cannot store measurements.
 */
export async function diskAlarms({ db }: Asked, own: Disk | undefined): Promise<Told[]> {
  const processes = await processHeartbeats(db)
  const said = processes.map(({ freeBytes, sizeBytes }) => ({ freeBytes, sizeBytes }))
  const fullest = [...(own ? [own] : []), ...said]
    .filter((disk) => disk.sizeBytes > 0 && roomOf(disk) !== 'enough')
    .toSorted((one, other) => one.freeBytes - other.freeBytes)[0]
  return fullest ? diskAlarm(fullest) : []
}

function diskAlarm(disk: Disk): Told[] {
  const words = diskWords(disk)
  if (!words) return []
  const full = roomOf(disk) === 'full'
  return [
    {
      id: 'disk_low',
      kind: 'disk_low',
      tone: 'bad',
      since: null,
      title: words,
      detail: {
        zh: full ? '腾出空间（旧日志、备份），不用重启' : '腾出空间或换大的磁盘；满了就写不进新数据',
        en: full
          ? 'Free space (old logs, backups); no restart is needed'
          : 'Free space, or take a larger disk: when it is full nothing new can be written',
      },
      remedy: 'free_space',
      act: { zh: '看运行', en: 'See runs' },
      to: '/tasks',
    },
  ]
}
