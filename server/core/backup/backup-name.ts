import { toChinaTime } from '../../lib/time.ts'

/** A backup's name, which has its time, and a number if others of the same second had the name before. */
export const backupName = /^sanyi-\d{8}-\d{6}(?:-\d+)?$/

export function backupNameOf(takenAt: string, number: number): string {
  const time = toChinaTime(new Date(takenAt)).replaceAll(/[-:]/g, '').replace(' ', '-')
  return `sanyi-${time}${number > 1 ? `-${number}` : ''}`
}
