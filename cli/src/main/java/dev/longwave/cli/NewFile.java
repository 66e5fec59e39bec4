package dev.longwave.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Creates files that did not exist before. */
final class NewFile {

    private NewFile() {}

    /**
     * Creates {@code file} with {@code text}. From the moment it exists, it has no more than these
     * permissions.
     *
     * @param permissions such as {@code rw-------}, where the file system has them
     * @throws java.nio.file.FileAlreadyExistsException if it exists, even as a link to nothing
     */
    static void create(Path file, String text, String permissions) throws IOException {
        Set<PosixFilePermission> allowed = PosixFilePermissions.fromString(permissions);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes =
                posix
                        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(allowed)}
                        : new FileAttribute<?>[0];
        try (OutputStream out =
                Channels.newOutputStream(
                        Files.newByteChannel(
                                file,
                                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                                attributes))) {
            if (posix) {
                Files.setPosixFilePermissions(file, allowed); // the umask may have taken some
            }
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
