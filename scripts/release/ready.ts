// bin/sanyi ready: exit code 0 if the web process of this machine is ready for requests. For the health check of a container.
import { loadConfig } from '../../server/config.ts'
import { askHealth } from '../../server/start/ask-health.ts'

const said = await askHealth(loadConfig(), '/readyz')
if (said !== '') console.error(said)
process.exit(said === '' ? 0 : 1)
