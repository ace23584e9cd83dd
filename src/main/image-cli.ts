import type { Command } from 'commander'
import type { BuildCliOptions } from './build.ts'
import type { CredentialOptions } from './image.ts'

/** `coracle image …`: what it does is loaded when it is called. */
export function addImageCommands(program: Command, nameOf: () => string): void {
  const image = program.command('image').description('images that pods can use')
  image
    .command('list')
    .description('list the images there are')
    .action(async () => (await import('./image.ts')).listImages(nameOf()))
  image
    .command('load')
    .argument('<file>', 'a docker-archive or OCI layout tar; - for standard input')
    .description('load images from an archive')
    .action(async (file: string) => (await import('./image.ts')).loadImage(nameOf(), file))
  image
    .command('save')
    .argument('<image...>')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .description('write images to an archive that load, docker and podman take')
    .action(async (images: readonly string[], { output }: Readonly<{ output?: string }>) =>
      (await import('./image.ts')).saveImages(nameOf(), images, output),
    )
  addTransfers(image, nameOf)
  addBuild(image, nameOf)
  image
    .command('tag')
    .argument('<image>')
    .argument('<name>', "a further name, such as 'registry.example/team/app:1'")
    .description('give an image a further name')
    .action(async (reference: string, tag: string) => (await import('./image.ts')).tagImage(nameOf(), reference, tag))
  image
    .command('inspect')
    .argument('<image...>')
    .description('print what is known of images, as JSON')
    .action(async (images: readonly string[]) => (await import('./image.ts')).inspectImages(nameOf(), images))
  image
    .command('remove')
    .alias('rm')
    .argument('<image...>')
    .option('-f, --force', 'also while a container uses it')
    .description('remove names, and images that have no name left')
    .action(async (images: readonly string[], { force }: Readonly<{ force?: boolean }>) =>
      (await import('./image.ts')).removeImages(nameOf(), images, force === true),
    )
  image
    .command('prune')
    .option('-a, --all', 'also those that have a name')
    .description('remove images that no container uses')
    .action(async ({ all }: Readonly<{ all?: boolean }>) =>
      (await import('./image.ts')).pruneImages(nameOf(), all === true),
    )
}

function addTransfers(image: Command, nameOf: () => string): void {
  const credentials = (command: Command): Command =>
    command
      .option('-u, --username <name>', 'for the registry; without it, what `docker login` left is used')
      .option('--password-stdin', 'read the password from standard input')
  credentials(image.command('pull').argument('<image>'))
    .description('fetch an image from its registry')
    .action(async (reference: string, options: CredentialOptions) =>
      (await import('./image.ts')).pullImage(nameOf(), reference, options),
    )
  credentials(image.command('push').argument('<image>'))
    .description('send an image to its registry')
    .action(async (reference: string, options: CredentialOptions) =>
      (await import('./image.ts')).pushImage(nameOf(), reference, options),
    )
}

function addBuild(image: Command, nameOf: () => string): void {
  const each = (value: string, before: readonly string[]): readonly string[] => [...before, value]
  image
    .command('build')
    .argument('<context>', 'the folder that COPY and ADD take files from')
    .option('-f, --file <file>', 'the Dockerfile; - for standard input (default: Dockerfile in the context)')
    .option('-t, --tag <name>', 'a name for the image; may be said several times', each, [])
    .option(
      '--build-arg <name=value>',
      'the value of an ARG; without a value, that of the variable of its name',
      each,
      [],
    )
    .option('--target <stage>', 'build that stage, and what it needs')
    .option('--secret <id=…,src=…>', 'what RUN --mount=type=secret shows; env=… takes it from a variable', each, [])
    .option('--label <name=value>', 'a label for the image', each, [])
    .option('--platform <platform>', 'what the image is for, such as linux/amd64')
    .option('--network <network>', 'of RUN: default (that of pods), none or host')
    .option('--pull', 'pull base images, though they are here')
    .option('--no-cache', 'do each step anew')
    .option('-q, --quiet', 'print the id alone')
    .description('build an image from a Dockerfile')
    .action(async (context: string, options: BuildCliOptions) =>
      (await import('./build.ts')).buildImage(nameOf(), context, options),
    )
}
