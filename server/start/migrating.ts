import type { Config } from '../config.ts'
import { assertNotRestoring } from '../core/backup/restoring.ts'
import { migrate } from '../core/db/migrate.ts'
import { beforeUpgrade, type UpgradeSettings } from '../core/upgrade/preflight.ts'

type Migrating = {
  /** For the owner of the tables. */
  ownerUrl: string
  /** The role of the web and worker processes. */
  application: string
  /** Undefined: the database has nothing to lose. */
  settings: UpgradeSettings | undefined
  say: (line: string) => void
}

/** Migrates an installation, also while its processes work. It names its steps first, and refuses without a backup or room. */
export async function migrateInstallation(migrating: Migrating): Promise<void> {
  const { ownerUrl, application, settings, say } = migrating
  await assertNotRestoring(ownerUrl)
  const before: NonNullable<Parameters<typeof migrate>[1]>['before'] = async (client, names) => {
    if (settings) await beforeUpgrade(client, names, { ...settings, say })
  }
  await migrate(ownerUrl, { application, before, say: settings ? say : () => {} })
}

/** `config.databaseUrl` has the address of the embedded database too in a process that `main.ts` starts. */
export const upgradeSettings = (
  { dataDir, upgradeAnyway }: Pick<Config, 'dataDir' | 'upgradeAnyway'>,
  { isEmbedded, anyway }: { isEmbedded: boolean; anyway: boolean },
): UpgradeSettings => ({ dataDir, isEmbedded, anyway: anyway || upgradeAnyway })
