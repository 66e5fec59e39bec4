/** A Longwave broker on a directory that all nodes share: an append-only file for each topic. */
@NullMarked
package com.example.longwave.files;

import org.jspecify.annotations.NullMarked;
