import { access } from 'node:fs/promises'
import { readKeyFile } from '../../lib/key-file.ts'
import { fingerprintsOf, toRing } from '../../lib/seal.ts'
import type { Manifest } from './manifest.ts'

/**
 * Returns a message if the key file does not open the values of this backup: without the keys that sealed them, names, phones, addresses,
 * platform secrets and raw payloads cannot be read, and the installation does not start. Empty: the keys are there.
 */
export async function missingKeyWords({ keys }: Pick<Manifest, 'keys'>, path: string): Promise<string> {
  if (keys.length === 0) return ''
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (!isThere)
    return (
      `密钥文件 ${path} 不在:备份里的姓名、地址、平台密钥是用密钥 ${numbersOf(keys)} 封存的。启动前把那时的 sealing.json 放到这里。\n` +
      `The key file ${path} is missing: key ${numbersOf(keys)} sealed the names, addresses and platform secrets of this backup. Put that sealing.json here before the start.`
    )
  const ours = new Map(fingerprintsOf(toRing(await readKeyFile(path))))
  const others = keys.filter(({ number, fingerprint }) => ours.get(number) !== fingerprint)
  if (others.length === 0) return ''
  return (
    `密钥文件 ${path} 不是这个备份的:密钥 ${numbersOf(others)} 缺失或不同。启动前把那时的 sealing.json 放回来。\n` +
    `The key file ${path} is not this backup's: key ${numbersOf(others)} is missing or another. Put that sealing.json back before the start.`
  )
}

const numbersOf = (keys: readonly { number: number }[]) => keys.map(({ number }) => number).join(', ')
