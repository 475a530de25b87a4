// Does in a browser what a person does, once for each visit: opens the page,
// chooses a file, reloads the page in the middle, and chooses the file again. Its
// one argument is a JSON object: the browser's path, and visits with the page's
// address and the file.
//
// It prints a JSON object a line, all with the number of the visit: {step} before
// the reload and after it, for which it waits for a line in return, and {done}
// with the upload's address.
import { createInterface } from 'node:readline/promises'
import { chromium } from 'playwright-core'

const job = JSON.parse(process.argv[2])
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n')
const ask = async (visit, step) => {
  say({ visit, step })
  if ((await answers.next()).done) {
    throw new Error(`nobody answered ${step}`)
  }
}

const browser = await chromium.launch({
  executablePath: job.browser,
  chromiumSandbox: false, // it refuses to start as root, and is shown nothing but our own page
  args: ['--disable-gpu', '--disable-quic', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'], // it talks to nobody else
})
try {
  const page = await browser.newPage()
  page.setDefaultTimeout(60_000)
  page.on('console', (m) => console.error(`page: ${m.type()}: ${m.text()}`))
  page.on('pageerror', (e) => console.error(`page: ${e}`))
  for (const [visit, { address, file }] of job.visits.entries()) {
    await page.goto(address)
    await page.setInputFiles('#file', file)
    await ask(visit, 'sending')
    await page.reload()
    await ask(visit, 'reloaded')
    await page.setInputFiles('#file', file)
    const status = page.locator('#status:not(:empty)')
    await status.waitFor()
    const [, verdict, rest] = (await status.innerText()).match(/^(\w+): (.*)$/s)
    if (verdict !== 'done') {
      throw new Error(`the page says ${verdict}: ${rest}`)
    }
    say({ visit, done: rest })
  }
} finally {
  await browser.close()
  process.stdin.destroy()
}
